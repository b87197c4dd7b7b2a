/*
 * transport.c: a connection to a directory server, below LDAP and TLS.
 */
#include "base/userdir.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "storage/fd.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

#include "ldap/transport.h"

/* Of the addresses that a name has, so many are tried. */
#define MAX_ADDRESSES 8

typedef struct Address
{
	struct sockaddr_storage address;
	socklen_t length;
} Address;

int64
ud_ldap_transport_now(void)
{
	instr_time now;

	INSTR_TIME_SET_CURRENT(now);
	return (int64)INSTR_TIME_GET_MILLISEC(now);
}

void
ud_ldap_transport_start(UdLdapTransport *transport)
{
	memset(transport, 0, sizeof(*transport));
	transport->socket = PGINVALID_SOCKET;
	transport->context = CurrentMemoryContext;
}

/* fail leaves a problem behind unless there is one already. */
static bool
fail(UdLdapTransport *transport, const char *problem)
{
	if (transport->problem[0] == '\0')
		strlcpy(transport->problem, problem, sizeof(transport->problem));
	return false;
}

/* fail_system does so with the error number of a call. */
static bool
fail_system(UdLdapTransport *transport, const char *what, int error)
{
	char problem[200];

	snprintf(problem, sizeof(problem), "%s: %s", what, strerror(error));
	return fail(transport, problem);
}

/* wait_for_event waits as any code of the server may: interrupts raise. */
static bool
wait_for_event(UdLdapTransport *transport, uint32 event)
{
	ModifyWaitEvent(transport->wait, transport->socket_event, event, NULL);
	for (;;)
	{
		int64 left = transport->deadline - ud_ldap_transport_now();
		WaitEvent occurred;

		CHECK_FOR_INTERRUPTS();
		if (left <= 0)
			return fail(transport, "it did not answer in time");
		if (WaitEventSetWait(transport->wait, (long)left, &occurred, 1, PG_WAIT_EXTENSION) == 0)
			continue;
		if (occurred.events & WL_LATCH_SET)
			ResetLatch(MyLatch);
		else
			return true;
	}
}

bool
ud_ldap_transport_wait(UdLdapTransport *transport, uint32 event)
{
	volatile bool is_ready = false;

	if (transport->problem[0] != '\0' || transport->error != NULL)
		return false;
	PG_TRY();
	{
		is_ready = wait_for_event(transport, event);
	}
	PG_CATCH();
	{
		MemoryContext old = MemoryContextSwitchTo(transport->context);

		transport->error = CopyErrorData();
		FlushErrorState();
		MemoryContextSwitchTo(old);
	}
	PG_END_TRY();
	return is_ready;
}

void
ud_ldap_transport_raise(UdLdapTransport *transport)
{
	if (transport->error != NULL)
		ReThrowError(transport->error);
}

/* close_socket closes the socket, so that another address can be tried. */
static void
close_socket(UdLdapTransport *transport)
{
	if (transport->wait != NULL)
		FreeWaitEventSet(transport->wait);
	transport->wait = NULL;
	if (transport->socket != PGINVALID_SOCKET)
	{
		closesocket(transport->socket);
		ReleaseExternalFD();
	}
	transport->socket = PGINVALID_SOCKET;
}

void
ud_ldap_transport_close(UdLdapTransport *transport)
{
	close_socket(transport);
}

/* find_addresses looks a host up; returns how many addresses there are. */
static int
find_addresses(UdLdapTransport *transport, const UdLdapUrl *url, Address *addresses)
{
	struct addrinfo hints = {0};
	struct addrinfo *found = NULL;
	char host[UD_LDAP_HOST_MAX + 1];
	char port[12];
	int count = 0;
	int error;

	memcpy(host, url->host.data, url->host.length);
	host[url->host.length] = '\0';
	snprintf(port, sizeof(port), "%d", url->port);
	hints.ai_family = url->is_ipv6 ? AF_INET6 : AF_UNSPEC;
	hints.ai_socktype = SOCK_STREAM;
	hints.ai_flags = AI_NUMERICSERV | (url->is_ipv6 ? AI_NUMERICHOST : 0);

	error = getaddrinfo(host, port, &hints, &found);
	if (error != 0)
	{
		char problem[200];

		snprintf(problem, sizeof(problem), "its name was not found: %s", gai_strerror(error));
		fail(transport, problem);
		return 0;
	}
	for (struct addrinfo *each = found; each != NULL && count < MAX_ADDRESSES; each = each->ai_next)
	{
		memcpy(&addresses[count].address, each->ai_addr, each->ai_addrlen);
		addresses[count++].length = each->ai_addrlen;
	}
	freeaddrinfo(found);
	return count;
}

/* socket_address makes the one address of a Unix socket. */
static int
socket_address(const UdLdapUrl *url, Address *address)
{
	struct sockaddr_un *unix_address = (struct sockaddr_un *)&address->address;

	memset(unix_address, 0, sizeof(*unix_address));
	unix_address->sun_family = AF_UNIX;
	strlcpy(unix_address->sun_path, url->path, sizeof(unix_address->sun_path));
	address->length = sizeof(*unix_address);
	return 1;
}

/* open_socket makes a socket and what waits for it; it does not block. */
static bool
open_socket(UdLdapTransport *transport, int family)
{
	if (!AcquireExternalFD())
		return fail(transport, "the database server has no file descriptor left");
	transport->socket = socket(family, SOCK_STREAM, 0);
	if (transport->socket == PGINVALID_SOCKET)
	{
		ReleaseExternalFD();
		return fail_system(transport, "a socket could not be made", errno);
	}
	if (!pg_set_noblock(transport->socket) || fcntl(transport->socket, F_SETFD, FD_CLOEXEC) < 0)
		return fail_system(transport, "a socket could not be set up", errno);

	transport->wait = ud_create_wait_set(3);
	AddWaitEventToSet(transport->wait, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(transport->wait, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	transport->socket_event =
		AddWaitEventToSet(transport->wait, WL_SOCKET_READABLE, transport->socket, NULL, NULL);
	return true;
}

static bool
connect_to(UdLdapTransport *transport, const Address *address)
{
	int error = 0;
	int on = 1;
	socklen_t length = sizeof(error);

	if (!open_socket(transport, address->address.ss_family))
		return false;
	/* TLS writes several times before it reads; each would wait for the other side's timer. */
	if (address->address.ss_family != AF_UNIX)
		(void)setsockopt(transport->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(transport->socket, (const struct sockaddr *)&address->address, address->length) < 0)
	{
		if (errno != EINPROGRESS && errno != EINTR)
			return fail_system(transport, "it could not be reached", errno);
		if (!ud_ldap_transport_wait(transport, WL_SOCKET_WRITEABLE))
			return false;
		if (getsockopt(transport->socket, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
			error = errno;
		if (error != 0)
			return fail_system(transport, "it could not be reached", error);
	}
	return true;
}

bool
ud_ldap_transport_open(UdLdapTransport *transport, const UdLdapUrl *url, int timeout)
{
	const int64 latest = transport->deadline;
	Address addresses[MAX_ADDRESSES];
	int count = url->scheme == UD_LDAP_SOCKET ? socket_address(url, addresses)
											  : find_addresses(transport, url, addresses);

	for (int i = 0; i < count; i++)
	{
		bool is_connected;

		transport->problem[0] = '\0';
		transport->deadline = Min(latest, ud_ldap_transport_now() + timeout);
		is_connected = connect_to(transport, &addresses[i]);
		transport->deadline = latest;
		if (is_connected)
			return true;
		close_socket(transport);
		ud_ldap_transport_raise(transport);
	}
	return false;
}

static int
io_setup(Sockbuf_IO_Desc *io, void *transport)
{
	io->sbiod_pvt = transport;
	return 0;
}

static int
io_remove(Sockbuf_IO_Desc *io)
{
	return 0;
}

/* The library asks for nothing here that would have an answer. */
static int
io_control(Sockbuf_IO_Desc *io, int option, void *argument)
{
	return 0;
}

/* io_broken is how the library learns that a connection is of no use any more. */
static ber_slen_t
io_broken(void)
{
	errno = ECONNRESET;
	return -1;
}

static ber_slen_t
io_read(Sockbuf_IO_Desc *io, void *buffer, ber_len_t length)
{
	UdLdapTransport *transport = io->sbiod_pvt;

	if (transport->received > UD_LDAP_MAX_RECEIVED)
		fail(transport, "it sent too much");
	while (transport->problem[0] == '\0' && transport->error == NULL && !transport->is_closing)
	{
		ssize_t count = recv(transport->socket, buffer, length, MSG_DONTWAIT);

		if (count > 0)
		{
			transport->received += count;
			return count;
		}
		if (count == 0)
			fail(transport, "it closed the connection");
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			(void)ud_ldap_transport_wait(transport, WL_SOCKET_READABLE);
		else if (errno != EINTR)
			fail_system(transport, "nothing could be read", errno);
	}
	return io_broken();
}

static ber_slen_t
io_write(Sockbuf_IO_Desc *io, void *buffer, ber_len_t length)
{
	UdLdapTransport *transport = io->sbiod_pvt;

	while (transport->problem[0] == '\0' && transport->error == NULL)
	{
		ssize_t count = send(transport->socket, buffer, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count >= 0)
			return count;
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
			fail_system(transport, "nothing could be sent", errno);
		else if (transport->is_closing)
			break;
		else if (errno != EINTR)
			(void)ud_ldap_transport_wait(transport, WL_SOCKET_WRITEABLE);
	}
	return io_broken();
}

/* The socket is closed by its owner. */
static int
io_close(Sockbuf_IO_Desc *io)
{
	return 0;
}

Sockbuf_IO ud_ldap_transport_io = {io_setup, io_remove, io_control, io_read, io_write, io_close};
