/*
 * secret_access.h: how a library that stands beside the main one opens secrets.
 *
 * Only the main library knows the key under which secrets are sealed, and no library is linked
 * against another one. So it leaves these functions under a name in the backend, where the server's
 * find_rendezvous_variable finds them.
 */
#ifndef UD_BASE_SECRET_ACCESS_H
#define UD_BASE_SECRET_ACCESS_H

#define UD_SECRET_ACCESS_NAME "userdir_secret_access"

/* To be raised with every change below: the two libraries may be of different versions. */
#define UD_SECRET_ACCESS_VERSION 1

/* A value of type userdir.secret, opened: UTF-8 without a NUL at the end. */
typedef struct UdSecret
{
	const uint8 *normalized;
	size_t normalized_length;
	const uint8 *typed; /* the same bytes where normalization changes nothing */
	size_t typed_length;
	uint8 *bytes; /* what both point into */
	size_t size;
} UdSecret;

typedef struct UdSecretAccess
{
	int version;

	/* open decrypts a datum; close has to follow. Raises 55000 for one of another session. */
	void (*open)(Datum datum, UdSecret *secret);
	/* close overwrites an opened secret and frees it. */
	void (*close)(UdSecret *secret);
	/* hide keeps statement and context of what is raised out of the log until show; see
	 * crypto/secret_log.h. */
	void (*hide)(ErrorContextCallback *frame);
	void (*show)(ErrorContextCallback *frame);
} UdSecretAccess;

#endif
