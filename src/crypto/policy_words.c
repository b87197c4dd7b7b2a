/*
 * policy_words.c: the words that passwords are compared with.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "crypto/policy_words.h"
#include "crypto/secret.h"
#include "crypto/secret_text.h"
#include "pure/case_folding.h"
#include "pure/password_policy.h"
#include "pure/password_words.h"

/* So many words are enough to know somebody by; the rest is left out. */
#define MAX_WORDS 128

/* The longest that NFKC makes of a byte: U+FDFA has 3 in UTF-8 and becomes 33. */
#define MAX_NFKC_GROWTH 11

/* What the hosted service compares passwords with. */
static const char *const personal_fields[] = {
	"email",
	"name",
	"username",
	"nickname",
	"user_metadata.name",
	"user_metadata.first",
	"user_metadata.last",
};

/* Where a user's names are. */
static const char *const name_fields[] = {
	"email", "username", "name", "given_name", "family_name", "nickname",
};

typedef void (*Collector)(UdWords *words, const char *text, size_t length);

UdSpan
ud_policy_words_fold_utf8(const uint8 *text, size_t length)
{
	char *folded = palloc(ud_case_folding_bound((const char *)text, length) + 1);

	return (UdSpan){folded, ud_case_folding_fold((const char *)text, length, folded)};
}

UdSpan
ud_policy_words_fold(const char *text, size_t length)
{
	const UdSpan nothing = {"", 0};
	uint8 *utf8;
	uint8 *normalized;
	size_t utf8_length;
	size_t normalized_length;
	size_t size;
	bool fits;

	/* A database without encoding may hold anything. */
	if (GetDatabaseEncoding() == PG_SQL_ASCII && !pg_verify_mbstr(PG_UTF8, text, (int)length, true))
		return nothing;

	size = Min(UD_PASSWORD_MAX_LENGTH, MAX_CONVERSION_GROWTH * length + 1);
	utf8 = palloc(size);
	utf8_length = ud_secret_text_to_utf8(text, length, utf8, size, &fits);
	if (!fits)
		return nothing;

	size = Min(UD_PASSWORD_MAX_LENGTH, MAX_NFKC_GROWTH * utf8_length + 1);
	normalized = palloc(size);
	normalized_length = ud_secret_text_normalize(utf8, utf8_length, normalized, size, &fits);
	return fits ? ud_policy_words_fold_utf8(normalized, normalized_length) : nothing;
}

static void
add_word(UdWords *words, UdSpan word)
{
	if (words->count == MAX_WORDS ||
		ud_password_policy_measure(word.data, word.length).characters < UD_WORD_MIN_LENGTH)
		return;
	if (words->count == words->room)
	{
		words->room = Max(16, 2 * words->room);
		words->words = words->words == NULL ? palloc(words->room * sizeof(UdSpan))
											: repalloc(words->words, words->room * sizeof(UdSpan));
	}
	words->words[words->count++] = word;
}

static void
add_whole(UdWords *words, const char *text, size_t length)
{
	add_word(words, ud_policy_words_fold(text, length));
}

void
ud_policy_words_parts(UdWords *words, const char *text, size_t length)
{
	UdSpan rest = ud_policy_words_fold(text, length);
	UdSpan word;

	while (ud_password_words_next(&rest, &word))
		add_word(words, word);
}

/* local_part returns the length of what stands before the last "@", or of all. */
static size_t
local_part(const char *text, size_t length)
{
	for (size_t i = length; i > 0; i--)
	{
		if (text[i - 1] == '@')
			return i - 1;
	}
	return length;
}

static void
add_local_part(UdWords *words, const char *text, size_t length)
{
	add_whole(words, text, local_part(text, length));
}

/* collect_value collects a text or number, or those in an array. */
static void
collect_value(UdWords *words, const JsonbValue *value, Collector collect)
{
	if (value->type == jbvString)
		collect(words, value->val.string.val, value->val.string.len);
	else if (value->type == jbvNumeric)
	{
		char *number =
			DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(value->val.numeric)));

		collect(words, number, strlen(number));
	}
	else if (value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data))
	{
		JsonbContainer *array = value->val.binary.data;

		for (int i = 0; i < (int)JsonContainerSize(array); i++)
		{
			JsonbValue *entry = getIthJsonbValueFromContainer(array, i);

			if (entry->type == jbvString || entry->type == jbvNumeric)
				collect_value(words, entry, collect);
		}
	}
}

/* collect_path follows a path of names from an object and collects what is at its end. */
static void
collect_path(UdWords *words, JsonbContainer *object, const char *path, size_t length,
			 Collector collect)
{
	const char *dot = memchr(path, '.', length);
	size_t name_length = dot != NULL ? (size_t)(dot - path) : length;
	JsonbValue value;

	if (!JsonContainerIsObject(object) ||
		getKeyJsonValueFromContainer(object, path, (int)name_length, &value) == NULL)
		return;
	if (dot == NULL)
		collect_value(words, &value, collect);
	else if (value.type == jbvBinary)
		collect_path(words, value.val.binary.data, dot + 1, length - name_length - 1, collect);
}

static void
collect_personal_path(UdWords *words, JsonbContainer *profile, const char *path, size_t length)
{
	bool is_email = length == strlen("email") && memcmp(path, "email", length) == 0;

	collect_path(words, profile, path, length, is_email ? add_local_part : add_whole);
}

static void
collect_personal(UdWords *words, JsonbContainer *profile, JsonbContainer *fields)
{
	if (fields == NULL)
	{
		for (int i = 0; i < lengthof(personal_fields); i++)
			collect_personal_path(words, profile, personal_fields[i], strlen(personal_fields[i]));
		return;
	}
	for (int i = 0; i < (int)JsonContainerSize(fields); i++)
	{
		JsonbValue *path = getIthJsonbValueFromContainer(fields, i);

		collect_personal_path(words, profile, path->val.string.val, path->val.string.len);
	}
}

static void
collect_names(UdWords *words, JsonbContainer *profile, JsonbContainer *fields)
{
	for (int i = 0; i < lengthof(name_fields); i++)
		collect_path(words, profile, name_fields[i], strlen(name_fields[i]), ud_policy_words_parts);
}

/* for_each_profile calls a function for an object, or for each object in an array. */
static void
for_each_profile(UdWords *words, JsonbContainer *profiles, JsonbContainer *fields,
				 void (*collect)(UdWords *, JsonbContainer *, JsonbContainer *))
{
	if (!JsonContainerIsArray(profiles))
	{
		collect(words, profiles, fields);
		return;
	}
	for (int i = 0; i < (int)JsonContainerSize(profiles); i++)
	{
		JsonbValue *profile = getIthJsonbValueFromContainer(profiles, i);

		if (profile->type == jbvBinary)
			collect(words, profile->val.binary.data, fields);
	}
}

void
ud_policy_words_personal(UdWords *words, JsonbContainer *profiles, JsonbContainer *fields)
{
	for_each_profile(words, profiles, fields, collect_personal);
}

void
ud_policy_words_names(UdWords *words, JsonbContainer *profiles)
{
	for_each_profile(words, profiles, NULL, collect_names);
}
