/*
 * case_folding.h: Unicode's simple case folding, the same wherever it runs.
 *
 * Simple folding maps a character to one character (statuses C and S of CaseFolding.txt): "ß"
 * stays, "İ" stays, "I" becomes "i" for Turks as well, and a final sigma is a sigma. No locale is
 * asked. Folding twice is folding once. Once given, the folding of a character never changes; newer
 * versions of Unicode only add characters.
 */
#ifndef UD_PURE_CASE_FOLDING_H
#define UD_PURE_CASE_FOLDING_H

#include <stddef.h>
#include <stdint.h>

/* ud_case_folding_character returns the folding of a code point, itself when it has none. */
extern uint32_t ud_case_folding_character(uint32_t character);

/*
 * ud_case_folding_unchanged returns how many bytes at the beginning of a UTF-8 text folding leaves
 * as they are: length when it leaves all.
 */
extern size_t ud_case_folding_unchanged(const char *text, size_t length);

/* ud_case_folding_bound returns the most bytes that the folding of a UTF-8 text can have. */
extern size_t ud_case_folding_bound(const char *text, size_t length);

/*
 * ud_case_folding_fold writes the folding of a UTF-8 text and returns its length.
 *
 * target needs ud_case_folding_bound() bytes, must not overlap text, and is not terminated. Bytes
 * that are no UTF-8 are copied.
 */
extern size_t ud_case_folding_fold(const char *text, size_t length, char *target);

/*
 * ud_case_folding_unchanged_ascii and ud_case_folding_fold_ascii do the same for the 26 letters of
 * ASCII alone and leave every other byte. The folding has the length of the text.
 */
extern size_t ud_case_folding_unchanged_ascii(const char *text, size_t length);
extern void ud_case_folding_fold_ascii(const char *text, size_t length, char *target);

#endif
