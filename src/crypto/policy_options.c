/*
 * policy_options.c: what the options of a connection demand of passwords.
 *
 * Everything in them is checked, and what is not known is refused: a misspelled option would
 * otherwise be a policy that nobody enforces.
 */
#include "base/userdir.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "crypto/policy_options.h"

/* The hosted service's limits. */
#define MAX_MIN_LENGTH          128
#define MAX_FLEXIBLE_MIN_LENGTH 72
#define MAX_BYTES               72
#define MAX_HISTORY             24
#define MAX_OWN_WORDS           200
#define MAX_OWN_WORD_LENGTH     50
#define MAX_FIELDS              12
#define MAX_FIELD_LENGTH        100

/* How many earlier passwords count where an option does not say it. */
#define DEFAULT_HISTORY 5

/* In a row or a series of characters that must not be longer. */
#define MAX_ROW 2

/* An object among the options, and the name by which messages call it. */
typedef struct Section
{
	JsonbContainer *object; /* NULL where it is not there */
	const char *path;
} Section;

static char *
member_path(const Section *section, const char *name)
{
	return section->path[0] == '\0' ? pstrdup(name) : psprintf("%s.%s", section->path, name);
}

static void
fail(const Section *section, const char *name, const char *problem)
{
	ereport(ERROR, (errcode(UD_ERR_INVALID_CONNECTION),
					errmsg("connection option \"%s\" %s", member_path(section, name), problem)));
}

/* get_member finds a member that is neither missing nor null. */
static bool
get_member(const Section *section, const char *name, JsonbValue *value)
{
	return section->object != NULL &&
		   getKeyJsonValueFromContainer(section->object, name, (int)strlen(name), value) != NULL &&
		   value->type != jbvNull;
}

/* refuse_others refuses every member of an object but the named ones; names ends with NULL. */
static void
refuse_others(const Section *section, const char *const *names)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue key;

	if (section->object == NULL)
		return;
	iterator = JsonbIteratorInit(section->object);
	while ((token = JsonbIteratorNext(&iterator, &key, true)) != WJB_DONE)
	{
		bool known = token != WJB_KEY;

		for (int i = 0; !known && names[i] != NULL; i++)
			known = key.val.string.len == (int)strlen(names[i]) &&
					memcmp(key.val.string.val, names[i], key.val.string.len) == 0;
		if (!known)
			fail(section, pnstrdup(key.val.string.val, Min(key.val.string.len, 64)), "is unknown");
	}
}

/* get_section returns an object among the options; names are those of its members. */
static Section
get_section(const Section *outer, const char *name, const char *const *names)
{
	Section section = {NULL, member_path(outer, name)};
	JsonbValue value;

	if (!get_member(outer, name, &value))
		return section;
	if (value.type != jbvBinary || !JsonContainerIsObject(value.val.binary.data))
		fail(outer, name, "has to be an object");
	section.object = value.val.binary.data;
	refuse_others(&section, names);
	return section;
}

/* get_flag returns true or false; what is missing is false. */
static bool
get_flag(const Section *section, const char *name)
{
	JsonbValue value;

	if (!get_member(section, name, &value))
		return false;
	if (value.type != jbvBool)
		fail(section, name, "has to be true or false");
	return value.val.boolean;
}

/* get_number returns a whole number between min and max, or what stands for a missing one. */
static int
get_number(const Section *section, const char *name, int min, int max, int missing)
{
	Datum number;
	Datum whole;
	JsonbValue value;

	if (!get_member(section, name, &value))
		return missing;
	if (value.type == jbvNumeric)
	{
		number = NumericGetDatum(value.val.numeric);
		whole = DirectFunctionCall1(numeric_floor, number);
		if (DatumGetBool(DirectFunctionCall2(numeric_eq, number, whole)) &&
			DatumGetBool(
				DirectFunctionCall2(numeric_ge, number, DirectFunctionCall1(int4_numeric, min))) &&
			DatumGetBool(
				DirectFunctionCall2(numeric_le, number, DirectFunctionCall1(int4_numeric, max))))
			return DatumGetInt32(DirectFunctionCall1(numeric_int4, number));
	}
	fail(section, name, psprintf("has to be a whole number from %d to %d", min, max));
	return missing;
}

/* is_word returns whether a value is one of the words, and its place. */
static int
find_word(const JsonbValue *value, const char *const *words, int count)
{
	for (int i = 0; value->type == jbvString && i < count; i++)
	{
		if (value->val.string.len == (int)strlen(words[i]) &&
			memcmp(value->val.string.val, words[i], value->val.string.len) == 0)
			return i;
	}
	return -1;
}

/* get_choice returns the place of one of two words; what is missing is the first. */
static int
get_choice(const Section *section, const char *name, const char *first, const char *second)
{
	const char *const words[] = {first, second};
	JsonbValue value;
	int place;

	if (!get_member(section, name, &value))
		return 0;
	place = find_word(&value, words, 2);
	if (place < 0)
		fail(section, name, psprintf("has to be \"%s\" or \"%s\"", first, second));
	return place;
}

/* get_texts returns an array of texts within limits, or NULL where it is missing. */
static JsonbContainer *
get_texts(const Section *section, const char *name, int max_count, int max_length)
{
	JsonbValue value;
	JsonbContainer *array;

	if (!get_member(section, name, &value))
		return NULL;
	if (value.type != jbvBinary || !JsonContainerIsArray(value.val.binary.data) ||
		JsonContainerIsScalar(value.val.binary.data))
		fail(section, name, "has to be an array");
	array = value.val.binary.data;
	if (JsonContainerSize(array) > max_count)
		fail(section, name, psprintf("has more than %d entries", max_count));
	for (int i = 0; i < (int)JsonContainerSize(array); i++)
	{
		JsonbValue *text = getIthJsonbValueFromContainer(array, i);

		if (text->type != jbvString || text->val.string.len == 0 ||
			pg_mbstrlen_with_len(text->val.string.val, text->val.string.len) > max_length)
			fail(section, name,
				 psprintf("has something else than a text of 1 to %d characters at position %d",
						  max_length, i));
	}
	return array;
}

/* read_types reads the classes of characters that a password needs. */
static unsigned
read_types(const Section *complexity)
{
	static const char *const names[] = {"lowercase", "uppercase", "number", "special"};
	static const unsigned classes[] = {UD_PASSWORD_LOWER, UD_PASSWORD_UPPER, UD_PASSWORD_DIGIT,
									   UD_PASSWORD_SPECIAL};
	JsonbContainer *array = get_texts(complexity, "character_types", lengthof(names), 16);
	unsigned set = 0;

	for (int i = 0; array != NULL && i < (int)JsonContainerSize(array); i++)
	{
		int place = find_word(getIthJsonbValueFromContainer(array, i), names, lengthof(names));

		if (place < 0)
			fail(complexity, "character_types",
				 "has something else than lowercase, uppercase, number and special");
		set |= classes[place];
	}
	return set;
}

static UdPasswordPolicy
read_complexity(const Section *complexity)
{
	/* No password is empty, whatever the rules are. */
	UdPasswordPolicy policy = {.min_length = 1};

	policy.min_length = get_number(complexity, "min_length", 1, MAX_FLEXIBLE_MIN_LENGTH, 1);
	policy.classes = read_types(complexity);
	if (get_choice(complexity, "character_type_rule", "all", "three_of_four") == 1)
	{
		if (ud_password_policy_count_classes(policy.classes) != UD_PASSWORD_CLASSES)
			fail(complexity, "character_type_rule",
				 "can be \"three_of_four\" only with all four character_types");
		policy.min_classes = 3;
	}
	if (get_choice(complexity, "identical_characters", "allow", "block") == 1)
		policy.max_identical = MAX_ROW;
	if (get_choice(complexity, "sequential_characters", "allow", "block") == 1)
		policy.max_sequential = MAX_ROW;

	/* Nothing is ever truncated here; "truncate" says that length is no reason to refuse. */
	if (get_choice(complexity, "max_length_exceeded", "truncate", "error") == 1)
		policy.max_bytes = MAX_BYTES;
	return policy;
}

/* read_flexible reads password_options. */
static void
read_flexible(const Section *flexible, UdPolicyOptions *read)
{
	Section complexity =
		get_section(flexible, "complexity",
					(const char *const[]){"min_length", "character_types", "character_type_rule",
										  "identical_characters", "sequential_characters",
										  "max_length_exceeded", NULL});
	Section dictionary = get_section(flexible, "dictionary",
									 (const char *const[]){"active", "default", "custom", NULL});
	Section history =
		get_section(flexible, "history", (const char *const[]){"active", "size", NULL});
	Section profile = get_section(flexible, "profile_data",
								  (const char *const[]){"active", "blocked_fields", NULL});
	bool all = get_choice(&dictionary, "default", "en_10k", "en_100k") == 1;
	JsonbContainer *words = get_texts(&dictionary, "custom", MAX_OWN_WORDS, MAX_OWN_WORD_LENGTH);
	JsonbContainer *fields = get_texts(&profile, "blocked_fields", MAX_FIELDS, MAX_FIELD_LENGTH);
	int size = get_number(&history, "size", 1, MAX_HISTORY, DEFAULT_HISTORY);

	read->policy = read_complexity(&complexity);
	if (get_flag(&dictionary, "active"))
	{
		read->common = all ? UD_COMMON_ALL : UD_COMMON_FIRST;
		read->own_words = words;
	}
	if (get_flag(&history, "active"))
		read->history_size = size;
	read->refuses_personal_data = get_flag(&profile, "active");
	read->personal_fields = fields;
}

/* read_level reads passwordPolicy; a missing one is "none". */
static void
read_level(const Section *options, UdPolicyOptions *read)
{
	JsonbValue value;

	(void)ud_password_policy_level("none", 4, &read->policy);
	if (!get_member(options, "passwordPolicy", &value))
		return;
	if (value.type == jbvString && value.val.string.len == 4 &&
		memcmp(value.val.string.val, "nist", 4) == 0)
		read->is_nist = true;
	else if (value.type != jbvString ||
			 !ud_password_policy_level(value.val.string.val, value.val.string.len, &read->policy))
		fail(options, "passwordPolicy",
			 "has to be \"none\", \"low\", \"fair\", \"good\", \"excellent\" or \"nist\"");
}

/* read_nist sets what the policy "nist" says before other options add to it. */
static void
read_nist(const Section *options, UdPolicyOptions *read)
{
	Section nist =
		get_section(options, "password_nist_options", (const char *const[]){"second_factor", NULL});
	bool has_second_factor = get_flag(&nist, "second_factor");

	if (nist.object != NULL && !read->is_nist)
		fail(options, "password_nist_options", "needs the passwordPolicy \"nist\"");
	if (!read->is_nist)
		return;
	read->policy = (UdPasswordPolicy){.min_length = has_second_factor ? UD_NIST_MIN_LENGTH_OF_TWO
																	  : UD_NIST_MIN_LENGTH};
	read->common = UD_COMMON_ALL;
}

static void
read_min_length(const Section *options, UdPolicyOptions *read)
{
	Section complexity = get_section(options, "password_complexity_options",
									 (const char *const[]){"min_length", NULL});
	int least = read->is_nist ? read->policy.min_length : 1;

	read->policy.min_length =
		get_number(&complexity, "min_length", least, MAX_MIN_LENGTH, read->policy.min_length);
}

/* read_levels reads passwordPolicy and what belongs to it. */
static void
read_levels(const Section *options, UdPolicyOptions *read)
{
	Section dictionary = get_section(options, "password_dictionary",
									 (const char *const[]){"enable", "dictionary", NULL});
	Section personal =
		get_section(options, "password_no_personal_info", (const char *const[]){"enable", NULL});
	Section history =
		get_section(options, "password_history", (const char *const[]){"enable", "size", NULL});
	JsonbContainer *words =
		get_texts(&dictionary, "dictionary", MAX_OWN_WORDS, MAX_OWN_WORD_LENGTH);
	int size = get_number(&history, "size", 0, MAX_HISTORY, DEFAULT_HISTORY);

	read_level(options, read);
	read_nist(options, read);
	read_min_length(options, read);
	if (get_flag(&dictionary, "enable"))
	{
		read->common = read->is_nist ? UD_COMMON_ALL : UD_COMMON_FIRST;
		read->own_words = words;
	}
	read->refuses_personal_data = get_flag(&personal, "enable");
	if (get_flag(&history, "enable"))
		read->history_size = size;
}

void
ud_policy_options_read(JsonbContainer *options, UdPolicyOptions *read)
{
	Section root = {options, ""};
	Section flexible = get_section(
		&root, "password_options",
		(const char *const[]){"complexity", "dictionary", "history", "profile_data", NULL});

	/* What is replaced has to be right as well: it is what remains when password_options goes. */
	memset(read, 0, sizeof(*read));
	read_levels(&root, read);
	if (flexible.object == NULL)
		return;
	if (read->is_nist)
		fail(&root, "password_options", "does not go with the passwordPolicy \"nist\"");
	memset(read, 0, sizeof(*read));
	read_flexible(&flexible, read);
}
