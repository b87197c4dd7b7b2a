/*
 * test_attribute_path.c: the grammar of the paths of an attribute map.
 */
#include "check.h"

#include "pure/attribute_path.h"

/* append writes to the end of a text in a buffer of the given size. */
static void
append(char *target, size_t size, const char *text, size_t length)
{
	size_t used = strlen(target);

	if (used + length + 1 > size)
		abort();
	memcpy(target + used, text, length);
	target[used + length] = '\0';
}

/*
 * describe writes a path in a form in which no two paths are alike:
 * "answer:<whole>" and for each step " member(name)", " index(-1)", " where(key=value)",
 * " and(key='value')", with quotes where the value was quoted.
 */
static const char *
describe(const UdPath *path)
{
	static const char *const origins[] = {"answer", "profile", "part", "option"};
	static char text[8192];
	char number[32];

	text[0] = '\0';
	append(text, sizeof(text), origins[path->origin], strlen(origins[path->origin]));
	append(text, sizeof(text), ":", 1);
	append(text, sizeof(text), path->whole, path->whole_length);
	for (int i = 0; i < path->nsteps; i++)
	{
		const UdPathStep *step = &path->steps[i];

		switch (step->kind)
		{
			case UD_STEP_MEMBER:
				append(text, sizeof(text), " member(", 8);
				append(text, sizeof(text), step->name, step->name_length);
				break;
			case UD_STEP_INDEX:
				snprintf(number, sizeof(number), " index(%d", step->index);
				append(text, sizeof(text), number, strlen(number));
				break;
			case UD_STEP_WHERE:
			case UD_STEP_AND:
				append(text, sizeof(text), step->kind == UD_STEP_WHERE ? " where(" : " and(",
					   step->kind == UD_STEP_WHERE ? 7 : 5);
				append(text, sizeof(text), step->name, step->name_length);
				append(text, sizeof(text), step->value_quoted ? "='" : "=",
					   step->value_quoted ? 2 : 1);
				append(text, sizeof(text), step->value, step->value_length);
				append(text, sizeof(text), "'", step->value_quoted ? 1 : 0);
				break;
		}
		append(text, sizeof(text), ")", 1);
	}
	return text;
}

/* parse checks that a text is read as described. */
static void
parse(const char *text, const char *expected)
{
	UdPathStep steps[UD_PATH_MAX_STEPS];
	UdPath path;
	UdPathError error;
	char *copy = check_copy(text, strlen(text));
	const char *found;

	if (CHECK_FOR(text, ud_attribute_path_parse(copy, (int)strlen(text), steps, &path, &error)))
	{
		found = describe(&path);
		CHECK_TEXT(found, strlen(found), expected);
	}
	free(copy);
}

/* refuse checks that a text is no path, with the message and its place. */
static void
refuse(const char *text, const char *message, int offset)
{
	UdPathStep steps[UD_PATH_MAX_STEPS];
	UdPath path;
	UdPathError error;
	char *copy = check_copy(text, strlen(text));

	if (CHECK_FOR(text, !ud_attribute_path_parse(copy, (int)strlen(text), steps, &path, &error)))
	{
		CHECK_TEXT(error.message, strlen(error.message), message);
		if (!CHECK_INT(error.offset, offset))
			printf("   for \"%s\"\n", text);
	}
	free(copy);
}

static void
test_origins(void)
{
	parse("", "answer:");
	parse("sub", "answer:sub member(sub)");
	parse("$email", "profile:email member(email)");
	parse("@emails", "part:emails member(emails)");
	parse("#tenant_domain", "option:tenant_domain member(tenant_domain)");
	parse("@emails[0].email", "part:emails[0].email member(emails) index(0) member(email)");
	parse("[\"$email\"]", "answer:[\"$email\"] member($email)");
	parse("a$b", "answer:a$b member(a$b)");
	parse("$$a", "profile:$a member($a)");
	parse("$[0]", "profile:[0] index(0)");
	refuse("$", "a name is missing", 1);
	refuse("@", "a name is missing", 1);
	refuse("#", "a name is missing", 1);
	refuse("$.a", "a name is missing", 1);
}

static void
test_names(void)
{
	parse("name.first", "answer:name.first member(name) member(first)");
	parse("https://slack.com/user_id",
		  "answer:https://slack.com/user_id member(https://slack) member(com/user_id)");
	parse("display name", "answer:display name member(display name)");
	parse("a\"b'c", "answer:a\"b'c member(a\"b'c)");
	parse("\xc3\xa4.\xe2\x82\xac",
		  "answer:\xc3\xa4.\xe2\x82\xac member(\xc3\xa4) member(\xe2\x82\xac)");
	refuse(".a", "a name is missing", 0);
	refuse("a.", "a name is missing", 2);
	refuse("a..b", "a name is missing", 2);
	refuse(".", "a name is missing", 0);
	refuse("a]", "unexpected \"]\"", 1);
	refuse("]", "unexpected \"]\"", 0);
}

static void
test_selectors(void)
{
	parse("[0]", "answer:[0] index(0)");
	parse("a[10][2]", "answer:a[10][2] member(a) index(10) index(2)");
	parse("a[-1].b", "answer:a[-1].b member(a) index(-1) member(b)");
	parse("a[-0]", "answer:a[-0] member(a) index(0)");
	parse("a[ 7 ]", "answer:a[ 7 ] member(a) index(7)");
	parse("a[007]", "answer:a[007] member(a) index(7)");
	parse("a[999999999]", "answer:a[999999999] member(a) index(999999999)");
	parse("[\"a.b\"].c", "answer:[\"a.b\"].c member(a.b) member(c)");
	parse("['a\"]b']", "answer:['a\"]b'] member(a\"]b)");
	parse("a[\"\"]", "answer:a[\"\"] member(a) member()");
	parse("[\"0\"]", "answer:[\"0\"] member(0)");
	parse("a[ 'b' ]", "answer:a[ 'b' ] member(a) member(b)");

	refuse("a[", "\"[\" is not closed", 1);
	refuse("a[ ", "\"[\" is not closed", 1);
	refuse("a[0", "\"[\" is not closed", 1);
	refuse("a[0 ", "\"[\" is not closed", 1);
	refuse("a['b'", "\"[\" is not closed", 1);
	refuse("a['b", "quotation is not closed", 2);
	refuse("a['b\"]", "quotation is not closed", 2);
	refuse("a[]", "selector is empty", 2);
	refuse("a[ ]", "selector is empty", 3);
	refuse("a[-]", "index has no digits", 2);
	refuse("a[--1]", "index has no digits", 2);
	refuse("a[1000000000]", "index is too large", 2);
	refuse("a[-1000000000]", "index is too large", 2);
	refuse("a[1x]", "\"]\" expected", 3);
	refuse("a[1 2]", "\"]\" expected", 4);
	refuse("a['b'c]", "\"]\" expected", 5);
	refuse("a[0]b", "\".\" or \"[\" expected", 4);
	refuse("[0]]", "\".\" or \"[\" expected", 3);
	refuse("a[0].", "a name is missing", 5);
	refuse("a[0]..b", "a name is missing", 5);
}

static void
test_conditions(void)
{
	parse("emails[type eq work].value",
		  "answer:emails[type eq work].value member(emails) where(type=work) member(value)");
	parse("e[a eq true and b eq 'x y']",
		  "answer:e[a eq true and b eq 'x y'] member(e) where(a=true) and(b='x y')");
	parse("e[a eq b and c eq d and e eq f]",
		  "answer:e[a eq b and c eq d and e eq f] member(e) where(a=b) and(c=d) and(e=f)");
	parse("e[a.b eq \"c]d\"]", "answer:e[a.b eq \"c]d\"] member(e) where(a.b='c]d')");
	parse("e[a eq '']", "answer:e[a eq ''] member(e) where(a='')");
	parse("e[ a eq  b c  ]", "answer:e[ a eq  b c  ] member(e) where(a=b c)");
	parse("e[a eq 'b' and  c eq d]",
		  "answer:e[a eq 'b' and  c eq d] member(e) where(a='b') and(c=d)");
	parse("e[a eq sand and b eq c]",
		  "answer:e[a eq sand and b eq c] member(e) where(a=sand) and(b=c)");
	parse("e[a eq and]", "answer:e[a eq and] member(e) where(a=and)");
	parse("e[a eq x and]", "answer:e[a eq x and] member(e) where(a=x and)");
	parse("e[a eq eq]", "answer:e[a eq eq] member(e) where(a=eq)");
	parse("[a eq 1]", "answer:[a eq 1] where(a=1)");

	refuse("e[a]", "\" eq \" expected in selector", 3);
	refuse("e[a eq]", "\" eq \" expected in selector", 3);
	refuse("e[a ne b]", "\" eq \" expected in selector", 3);
	refuse("e[a  eq b]", "\" eq \" expected in selector", 3);
	refuse("e[a eq ]", "selector compares with nothing", 7);
	refuse("e[a eq   ]", "selector compares with nothing", 9);
	refuse("e[a eq b and ]", "selector is empty", 13);
	refuse("e[a eq b and c]", "\" eq \" expected in selector", 14);
	refuse("e[a eq 'b' c eq d]", "\"]\" expected", 11);
	refuse("e[a eq 'b]", "quotation is not closed", 7);
	refuse("e[a eq b", "\"[\" is not closed", 1);
	refuse("e[a eq 'b'", "\"[\" is not closed", 1);
	refuse("e[a", "\" eq \" expected in selector", 3);
}

/* repeat writes a piece so many times into a buffer. */
static const char *
repeat(const char *piece, int times)
{
	static char text[4096];

	text[0] = '\0';
	for (int i = 0; i < times; i++)
		append(text, sizeof(text), piece, strlen(piece));
	return text;
}

static void
test_limits(void)
{
	UdPathStep steps[UD_PATH_MAX_STEPS];
	UdPath path;
	UdPathError error;
	const char *text = repeat("[0]", UD_PATH_MAX_STEPS);

	CHECK(ud_attribute_path_parse(text, (int)strlen(text), steps, &path, &error));
	CHECK_INT(path.nsteps, UD_PATH_MAX_STEPS);
	refuse(repeat("[0]", UD_PATH_MAX_STEPS + 1), "path has too many steps", 50);
	refuse(repeat(".a", UD_PATH_MAX_STEPS + 1) + 1, "path has too many steps", 33);
	refuse(repeat("['a']", UD_PATH_MAX_STEPS + 1), "path has too many steps", 81);

	text = repeat("a", UD_PATH_MAX_LENGTH);
	CHECK(ud_attribute_path_parse(text, UD_PATH_MAX_LENGTH, steps, &path, &error));
	CHECK_INT(path.nsteps, 1);
	CHECK_INT(path.steps[0].name_length, UD_PATH_MAX_LENGTH);
	refuse(repeat("a", UD_PATH_MAX_LENGTH + 1), "path is too long", UD_PATH_MAX_LENGTH);

	/* A condition of many parts is many steps, too. */
	text = repeat("[a eq b and a eq b and a eq b and a eq b]", 4);
	CHECK(ud_attribute_path_parse(text, (int)strlen(text), steps, &path, &error));
	CHECK_INT(path.nsteps, UD_PATH_MAX_STEPS);
	refuse(repeat("[a eq b and a eq b and a eq b and a eq b]", 5), "path has too many steps", 166);
}

int
main(void)
{
	test_origins();
	test_names();
	test_selectors();
	test_conditions();
	test_limits();
	return check_summary();
}
