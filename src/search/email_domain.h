/*
 * email_domain.h: the part of an e-mail address behind its last "@".
 */
#ifndef UD_SEARCH_EMAIL_DOMAIN_H
#define UD_SEARCH_EMAIL_DOMAIN_H

/*
 * ud_email_domain_text returns the domain of an address with its case folded, NULL if there is no
 * "@". address is not to be compressed or out of line.
 */
extern text *ud_email_domain_text(text *address);

#endif
