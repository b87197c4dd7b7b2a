/*
 * root_key.h: the root keys, which live in a file or come from a command.
 *
 * The file is text. A line is the id of a key, a blank, and its 32 bytes in base64url; lines that
 * begin with "#" are comments. The last key is the one that new values are sealed under, the others
 * open what was sealed before it came.
 */
#ifndef UD_CRYPTO_ROOT_KEY_H
#define UD_CRYPTO_ROOT_KEY_H

#include "crypto/seal.h"

#define UD_ROOT_KEY_LENGTH 32

/* More keys than this in a file are a mistake. */
#define UD_ROOT_KEY_MAX_COUNT 64

typedef struct UdRootKey
{
	char id[UD_ROOT_KEY_ID_LENGTH + 1]; /* made from the bytes */
	uint8 bytes[UD_ROOT_KEY_LENGTH];
} UdRootKey;

/*
 * ud_root_key_current returns the key that is in use; it is valid until the next call of a function
 * here. can_create: whether a file that is not there may be made.
 *
 * Errors: UD050 when there is none, when the file may be read by others, or is malformed, and when
 * the command fails.
 */
extern const UdRootKey *ud_root_key_current(bool can_create);

/*
 * ud_root_key_find returns the key of an id, valid as above. Errors: UD050 when it is not there,
 * and as above.
 */
extern const UdRootKey *ud_root_key_find(const char *id);

/*
 * ud_root_key_exists returns whether there is a root key: false when the file is not there.
 * Errors: as above.
 */
extern bool ud_root_key_exists(void);

/*
 * ud_root_key_add makes a new key, which is in use from then on; older ones stay. Errors: as above,
 * and 0A000 where the keys come from a command, which alone can add one.
 */
extern void ud_root_key_add(void);

/*
 * ud_root_key_remove takes a key that is not in use out of the file. Errors: as above, and 55000
 * for the key in use.
 */
extern void ud_root_key_remove(const char *id);

/* ud_root_key_list returns the keys, in *count how many; the last is in use. Errors: as above. */
extern const UdRootKey *ud_root_key_list(int *count);

#endif
