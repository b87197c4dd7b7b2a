/*
 * transport.h: a connection to a directory server, below LDAP and TLS.
 *
 * The library for LDAP gets no socket of its own to wait on: it reads and writes through the
 * functions here. They wait no longer than until a deadline, and as the server waits, so that a
 * statement can be cancelled at any time. They never jump out of the library, which would leave its
 * locks taken: an error is kept, the library is told that the connection is broken, and whoever
 * called the library raises the error afterwards.
 */
#ifndef UD_LDAP_TRANSPORT_H
#define UD_LDAP_TRANSPORT_H

#include <lber.h>

#include "storage/latch.h"

#include "pure/ldap_url.h"

/* Whatever a server sends in one connection; more is nonsense. */
#define UD_LDAP_MAX_RECEIVED (16 * 1024 * 1024)

typedef struct UdLdapTransport
{
	pgsocket socket;    /* PGINVALID_SOCKET: closed */
	WaitEventSet *wait; /* the latch and the socket */
	int socket_event;   /* the place of the socket among them */
	int64 deadline;     /* of the current operation, by ud_ldap_transport_now() */
	size_t received;
	bool is_closing;   /* nothing is worth waiting for any more */
	char problem[256]; /* why the connection is of no use; empty: it is of use */
	ErrorData *error;  /* what is to be raised */
	MemoryContext context;
} UdLdapTransport;

/* ud_ldap_transport_now returns milliseconds of a clock that is never set. */
extern int64 ud_ldap_transport_now(void);

/* ud_ldap_transport_start makes a transport a closed one; its errors will live in the current
 * memory context. */
extern void ud_ldap_transport_start(UdLdapTransport *transport);

/*
 * ud_ldap_transport_open connects to the server of a URL, to one after the other of the addresses
 * that its name has, each until timeout milliseconds have passed or the deadline has come.
 *
 * Returns false and leaves a problem behind if there is no connection. Looking up a name is the
 * system's own and cannot be interrupted. Errors: those of an interrupt.
 */
extern bool ud_ldap_transport_open(UdLdapTransport *transport, const UdLdapUrl *url, int timeout);

/*
 * ud_ldap_transport_wait waits until the socket is WL_SOCKET_READABLE or WL_SOCKET_WRITEABLE.
 * Returns false, with a problem or an error, when that does not come. Raises nothing.
 */
extern bool ud_ldap_transport_wait(UdLdapTransport *transport, uint32 event);

/* ud_ldap_transport_raise raises the error that was kept, if there is one. */
extern void ud_ldap_transport_raise(UdLdapTransport *transport);

/* ud_ldap_transport_close closes the socket; it does no harm twice. */
extern void ud_ldap_transport_close(UdLdapTransport *transport);

/* The functions for the library; their argument is a transport. */
extern Sockbuf_IO ud_ldap_transport_io;

#endif
