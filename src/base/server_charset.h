/*
 * server_charset.h: the encoding of this database, as src/pure wants to know it.
 */
#ifndef UD_BASE_SERVER_CHARSET_H
#define UD_BASE_SERVER_CHARSET_H

#include "pure/charset.h"

/* ud_server_charset returns the encoding of this database; it lives as long as the backend. */
extern const UdCharset *ud_server_charset(void);

#endif
