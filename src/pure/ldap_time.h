/*
 * ldap_time.h: points in time as directories write them.
 *
 * All of them become milliseconds since 1970 in UTC.
 */
#ifndef UD_PURE_LDAP_TIME_H
#define UD_PURE_LDAP_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for what ud_ldap_time_text writes. */
#define UD_LDAP_TIME_SIZE 32

typedef enum UdLdapTime
{
	UD_LDAP_TIME_OK,
	UD_LDAP_TIME_NEVER, /* 0 or the largest number: it has not happened, or never will */
	UD_LDAP_TIME_BAD    /* no such time, or beyond the years 1 to 9999 */
} UdLdapTime;

/* ud_ldap_time_windows reads Active Directory's count of 100 nanoseconds since 1601. */
extern UdLdapTime ud_ldap_time_windows(const char *text, size_t length, int64_t *milliseconds);

/*
 * ud_ldap_time_generalized reads a GeneralizedTime (RFC 4517): "YYYYMMDDHH[MM[SS]]", perhaps with a
 * fraction of its last part, and "Z" or "+HH[MM]" or "-HH[MM]". A leap second is the next second.
 */
extern UdLdapTime ud_ldap_time_generalized(const char *text, size_t length, int64_t *milliseconds);

/* ud_ldap_time_text writes "2001-02-03T04:05:06.789Z" and a NUL, and returns the length. */
extern size_t ud_ldap_time_text(int64_t milliseconds, char *target);

#endif
