/*
 * phc.h: password hashes as text, in the PHC string format:
 *
 *     $id[$v=version][$name=value,...][$salt[$hash]]
 *
 * Salt and hash are base64 without padding (or whatever the scheme puts there). Beyond the format,
 * a salt may be empty, so that a hash without salt can be written.
 */
#ifndef UD_PURE_PHC_H
#define UD_PURE_PHC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/span.h"

#define UD_PHC_MAX_LENGTH      4096 /* of a whole string */
#define UD_PHC_MAX_NAME_LENGTH 32   /* of the id and of a parameter's name */
#define UD_PHC_MAX_PARAMETERS  8

typedef struct UdPhcParameter
{
	UdSpan name;
	UdSpan value;
} UdPhcParameter;

typedef struct UdPhc
{
	UdSpan id;
	bool has_version;
	uint32_t version;
	int parameter_count;
	UdPhcParameter parameters[UD_PHC_MAX_PARAMETERS];
	bool has_salt;
	UdSpan salt;
	bool has_hash;
	UdSpan hash;
} UdPhc;

/*
 * ud_phc_parse reads a PHC string. The spans of *phc point into text.
 *
 * Returns NULL, or what is wrong as a phrase that fits behind "the hash".
 */
extern const char *ud_phc_parse(const char *text, size_t length, UdPhc *phc);

/*
 * ud_phc_print writes a PHC string; a string that was parsed comes out as it was.
 *
 * target has room for size bytes and is ended by a NUL. Returns the length without the NUL; when
 * that is size or more, what was written is not whole.
 */
extern size_t ud_phc_print(const UdPhc *phc, char *target, size_t size);

/* ud_phc_find returns the value of a parameter, or NULL. */
extern const UdSpan *ud_phc_find(const UdPhc *phc, const char *name);

/* ud_phc_add appends a parameter; the caller sees to the number of them. */
extern void ud_phc_add(UdPhc *phc, const char *name, UdSpan value);

/*
 * ud_phc_decimal reads a number without sign and leading zeros, of at most 32 bits.
 */
extern bool ud_phc_decimal(UdSpan span, uint32_t *number);

#endif
