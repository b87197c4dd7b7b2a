/*
 * password_words.c: words in passwords.
 */
#include "pure/password_words.h"

#include <string.h>

/* What usually stands for letters, and the letters. */
static const char stand_ins[][2] = {
	{'0', 'o'}, {'1', 'i'}, {'1', 'l'}, {'!', 'i'}, {'!', 'l'}, {'|', 'l'},
	{'2', 'z'}, {'3', 'e'}, {'4', 'a'}, {'@', 'a'}, {'5', 's'}, {'$', 's'},
	{'6', 'g'}, {'7', 't'}, {'+', 't'}, {'8', 'b'}, {'9', 'g'}, {'(', 'c'},
};

/* How far a place in the password can be reached. */
enum
{
	UNREACHED,
	BY_SIGNS, /* over digits and signs alone */
	BY_WORDS  /* over at least one word */
};

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool
is_word_character(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9');
}

bool
ud_password_words_contains(UdSlice password, UdSlice word)
{
	if (word.length == 0)
		return false;
	for (size_t i = 0; i + word.length <= password.length; i++)
	{
		if (memcmp(password.text + i, word.text, word.length) == 0)
			return true;
	}
	return false;
}

bool
ud_password_words_next(UdSlice *rest, UdSlice *word)
{
	size_t start = 0;
	size_t end;

	while (start < rest->length && !is_word_character(rest->text[start]))
		start++;
	end = start;
	while (end < rest->length && is_word_character(rest->text[end]))
		end++;
	*word = (UdSlice){rest->text + start, end - start};
	*rest = (UdSlice){rest->text + end, rest->length - end};
	return word->length > 0;
}

static bool
stands_for(char written, char letter)
{
	if (written == letter)
		return true;
	for (size_t i = 0; i < sizeof(stand_ins) / sizeof(stand_ins[0]); i++)
	{
		if (stand_ins[i][0] == written && stand_ins[i][1] == letter)
			return true;
	}
	return false;
}

static bool
word_is_at(UdSlice password, size_t place, UdSlice word)
{
	if (word.length == 0 || word.length > password.length - place)
		return false;
	for (size_t i = 0; i < word.length; i++)
	{
		if (!stands_for(password.text[place + i], word.text[i]))
			return false;
	}
	return true;
}

bool
ud_password_words_is_made_of(UdSlice password, const UdSlice *words, size_t count,
							 unsigned char *work)
{
	memset(work, UNREACHED, password.length + 1);
	work[0] = BY_SIGNS;
	for (size_t i = 0; i < password.length; i++)
	{
		if (work[i] == UNREACHED)
			continue;
		if (!is_letter(password.text[i]) && work[i + 1] < work[i])
			work[i + 1] = work[i];
		for (size_t j = 0; j < count; j++)
		{
			if (word_is_at(password, i, words[j]))
				work[i + words[j].length] = BY_WORDS;
		}
	}
	return work[password.length] == BY_WORDS;
}
