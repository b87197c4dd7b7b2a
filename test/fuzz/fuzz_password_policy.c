/*
 * fuzz_password_policy.c: the measures of any bytes fit each other, do not shrink when something is
 * added, and are those of a plain second reading; words are found where they are.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/password_policy.h"
#include "pure/password_words.h"

static bool
is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* check_ascii looks at every part of a password of ASCII, which takes long and is plain. */
static void
check_ascii(const char *text, size_t length, const UdPasswordMeasures *measures)
{
	size_t same = 0;
	size_t series = 0;

	for (size_t i = 0; i < length; i++)
	{
		for (int direction = -1; direction <= 1; direction++)
		{
			size_t end = i + 1;

			while (
				end < length && text[end] == text[end - 1] + direction &&
				(direction == 0 || (is_alphanumeric(text[end]) && is_alphanumeric(text[end - 1]))))
				end++;
			if (direction == 0 && end - i > same)
				same = end - i;
			if (direction != 0 && end - i > series)
				series = end - i;
		}
	}
	DEMAND(measures->characters == length);
	DEMAND(measures->longest_same == same);
	DEMAND(measures->longest_series == series);
}

static void
check_measures(const char *text, size_t length)
{
	UdPasswordMeasures measures = ud_password_policy_measure(text, length);
	bool ascii = true;

	DEMAND(measures.bytes == length);
	DEMAND(measures.characters <= length && measures.characters * 4 >= length);
	DEMAND(measures.longest_same <= measures.characters);
	DEMAND(measures.longest_series <= 26);
	DEMAND((measures.longest_same == 0) == (length == 0));
	DEMAND(ud_password_policy_count_classes(measures.classes) <= UD_PASSWORD_CLASSES);
	for (size_t i = 0; i < length; i++)
		ascii = ascii && (unsigned char)text[i] < 0x80;
	if (ascii && length < 200)
		check_ascii(text, length, &measures);
	if (length > 0)
	{
		UdPasswordMeasures shorter = ud_password_policy_measure(text, length - 1);

		DEMAND(!ascii || shorter.longest_same <= measures.longest_same);
		DEMAND(!ascii || shorter.longest_series <= measures.longest_series);
		DEMAND(!ascii || (shorter.classes & ~measures.classes) == 0);
	}
}

static void
check_levels(const char *text, size_t length)
{
	static const char *const names[] = {"none", "low", "fair", "good", "excellent"};
	UdPasswordMeasures measures = ud_password_policy_measure(text, length);
	bool kept_before = true;

	for (int i = 0; i < 5; i++)
	{
		UdPasswordPolicy policy;
		bool kept = true;

		DEMAND(ud_password_policy_level(names[i], strlen(names[i]), &policy));
		for (int rule = 0; rule < UD_RULE_COUNT; rule++)
			kept = kept && (!ud_password_policy_has(&policy, rule) ||
							ud_password_policy_keeps(&policy, rule, &measures));
		/* Whoever passes a level passes those below it; "good" is broader than "fair" in classes.
		 */
		DEMAND(kept_before || !kept || i == 3 || i == 4);
		DEMAND(length > 0 || !kept);
		kept_before = kept;
	}
}

/* check_words takes the words of the first half and looks for them in the second. */
static void
check_words(const char *text, size_t length)
{
	UdSlice rest = {text, length / 2};
	UdSlice password = {text + length / 2, length - length / 2};
	UdSlice words[16];
	size_t count = 0;
	unsigned char *work = malloc(length + 1);
	char *joined = malloc(length + 1);
	size_t joined_length = 0;

	while (count < 16 && ud_password_words_next(&rest, &words[count]))
	{
		DEMAND(words[count].text >= text &&
			   words[count].text + words[count].length <= text + length / 2);
		memcpy(joined + joined_length, words[count].text, words[count].length);
		joined_length += words[count].length;
		count++;
	}
	(void)ud_password_words_is_made_of(password, words, count, work);

	/* What is made of the words is found to be, and contains each of them. */
	DEMAND(ud_password_words_is_made_of((UdSlice){joined, joined_length}, words, count, work) ==
		   (count > 0));
	for (size_t i = 0; i < count; i++)
		DEMAND(ud_password_words_contains((UdSlice){joined, joined_length}, words[i]));
	free(joined);
	free(work);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_measures((const char *)data, size);
	check_levels((const char *)data, size);
	check_words((const char *)data, size);
	return 0;
}
