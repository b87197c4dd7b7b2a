/*
 * stored_hash.h: a password's hash as it is stored, and what verifies it.
 *
 * Every hash is one text. Where the world has a form for a scheme, a PHC string or the string of
 * crypt(3), it is that; docs/passwords.md lists the others. Two prefixes can stand before any of
 * them:
 *
 *     $input$enc=utf16le,pre=sha256,pos=suffix,salt=c2FsdA$...   how the password becomes bytes
 *     $wrapped$argon2id$v=19$m=19456,t=2,p=1$salt$hash$...       argon2id over the result of a fast
 *                                                                hash, which itself is left out
 */
#ifndef UD_CRYPTO_STORED_HASH_H
#define UD_CRYPTO_STORED_HASH_H

#include "crypto/argon2_hash.h"
#include "crypto/password_input.h"

#define UD_HASH_MAX_LENGTH      512 /* bytes of a hash */
#define UD_HASH_MIN_LENGTH      8   /* fewer would be guessed */
#define UD_HASH_MAX_SALT_LENGTH 512 /* bytes of a salt or a key */
#define UD_HASH_MAX_TEXT_LENGTH UD_PHC_MAX_LENGTH

/* Bounds of what one verification may cost, whatever its scheme: about three seconds. */
#define UD_HASH_MAX_MEMORY_KB      (256 * 1024)
#define UD_HASH_MAX_ARGON2_WORK_KB (2 * 1024 * 1024) /* memory times passes */
#define UD_HASH_MAX_LOG_N          24
#define UD_HASH_MAX_R              1024
#define UD_HASH_MAX_P              64
#define UD_HASH_MAX_SCRYPT_WORK_KB (512 * 1024) /* memory times p */

typedef struct UdStoredHash UdStoredHash;

/* What a computation came to. */
typedef enum UdHashOutcome
{
	UD_HASH_COMPUTED,
	UD_HASH_IMPOSSIBLE, /* no such password can have been hashed */
	UD_HASH_FAILED      /* a library gave up; memory, most likely */
} UdHashOutcome;

/* One fact about a hash that is no secret: a text, or a number where text is NULL. */
typedef struct UdHashFact
{
	const char *name;
	const char *text;
	uint32 number;
} UdHashFact;

#define UD_HASH_MAX_FACTS 8

typedef struct UdHashScheme
{
	/* What a text of this scheme begins with; the longest that fits wins. */
	const char *prefix;

	/*
	 * parse reads a text, whose hash is left out where it is wrapped, and raises UD030 for whatever
	 * is malformed or out of bounds.
	 */
	void (*parse)(UdSpan text, bool without_hash, UdStoredHash *hash);

	/* compute writes what the bytes of a password hash to, at most UD_HASH_MAX_LENGTH bytes. */
	UdHashOutcome (*compute)(const UdStoredHash *hash, UdBytes input, uint8 *result,
							 size_t *length);

	/* describe writes at most UD_HASH_MAX_FACTS facts, the name of the scheme first. */
	int (*describe)(const UdStoredHash *hash, UdHashFact *facts);

	bool is_slow;        /* takes milliseconds, so that it waits for its turn */
	bool is_memory_hard; /* or nearly so, like bcrypt: wrapping it would gain nothing */
	bool ends_at_nul;    /* looks at nothing behind a NUL */
} UdHashScheme;

struct UdStoredHash
{
	const UdHashScheme *scheme;
	UdSpan setting; /* the text without the hash */
	UdPasswordInput input;

	/* what the schemes need, each some of it */
	UdArgon2 argon2;
	const UdDigest *digest;
	uint32 iterations;
	uint32 log_n;
	uint32 r;
	uint32 p;
	UdBytes salt;
	UdBytes key;
	UdBytes separator;
	bool salt_is_suffix;
	char *crypt_setting;

	UdBytes expected; /* what the password has to hash to; in the end, where it is wrapped */
	bool is_wrapped;
	UdArgon2 wrapper;
	UdBytes wrapper_salt;
};

/*
 * ud_stored_hash_parse reads a stored hash. What *hash points to lies in text or in the current
 * memory context.
 *
 * Errors: UD030, naming the parameter, when it is malformed, of no known scheme or out of bounds.
 */
extern void ud_stored_hash_parse(UdSpan text, UdStoredHash *hash);

/* ud_stored_hash_is_slow returns whether verification has to wait for its turn. */
extern bool ud_stored_hash_is_slow(const UdStoredHash *hash);

/*
 * ud_stored_hash_matches returns whether a password in UTF-8 hashes to what is expected. It does
 * not raise; *outcome tells how it went.
 *
 * work has ud_stored_hash_work_size bytes, which the caller overwrites afterwards.
 */
extern bool ud_stored_hash_matches(const UdStoredHash *hash, UdBytes password, uint8 *work,
								   UdHashOutcome *outcome);

extern size_t ud_stored_hash_work_size(const UdStoredHash *hash, size_t password_length);

#endif
