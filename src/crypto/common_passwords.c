/*
 * common_passwords.c: the passwords that many people have.
 *
 * Words of the same length lie side by side in the order of their bytes.
 */
#include "base/userdir.h"

#include "crypto/common_passwords.h"

/* All words of a length, which is the place of the entry in its table. */
typedef struct UdCommonWords
{
	size_t count;
	const char *words;
} UdCommonWords;

#include "common_passwords_table.h"

/* have_word looks a word up among those of its length. */
static bool
have_word(const UdCommonWords *entry, UdSlice word)
{
	size_t low = 0;
	size_t high = entry->count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;
		int order = memcmp(word.text, entry->words + middle * word.length, word.length);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

static bool
table_has(const UdCommonWords *table, size_t lengths, UdSlice word)
{
	return word.length < lengths && have_word(&table[word.length], word);
}

bool
ud_common_passwords_have(UdCommonPasswords which, UdSlice password)
{
	switch (which)
	{
		case UD_COMMON_NONE:
			break;
		case UD_COMMON_FIRST:
			return table_has(common_words_1, lengthof(common_words_1), password);
		case UD_COMMON_ALL:
			return table_has(common_words_1, lengthof(common_words_1), password) ||
				   table_has(common_words_2, lengthof(common_words_2), password);
	}
	return false;
}
