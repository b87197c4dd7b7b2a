/*
 * attribute_path.c: parsing of the paths of an attribute map.
 */
#include "pure/attribute_path.h"

#include <string.h>

typedef struct Parser
{
	const char *start;
	const char *at;
	const char *end;
	UdPathStep *steps;
	int nsteps;
	UdPathError *error;
} Parser;

static bool
fail(Parser *parser, const char *where, const char *message)
{
	parser->error->message = message;
	parser->error->offset = (int)(where - parser->start);
	return false;
}

/* add_step returns room for one more step, or NULL when the path is too long. */
static UdPathStep *
add_step(Parser *parser, UdPathStepKind kind)
{
	UdPathStep *step;

	if (parser->nsteps == UD_PATH_MAX_STEPS)
	{
		fail(parser, parser->at, "path has too many steps");
		return NULL;
	}
	step = &parser->steps[parser->nsteps++];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	return step;
}

static bool
looking_at(const Parser *parser, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(parser->end - parser->at) >= length && memcmp(parser->at, word, length) == 0;
}

static void
skip_blanks(Parser *parser)
{
	while (parser->at < parser->end && *parser->at == ' ')
		parser->at++;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\'';
}

/* parse_name reads a member's name up to the next character of the grammar. */
static bool
parse_name(Parser *parser)
{
	const char *name = parser->at;
	UdPathStep *step;

	while (parser->at < parser->end && *parser->at != '.' && *parser->at != '[')
	{
		if (*parser->at == ']')
			return fail(parser, parser->at, "unexpected \"]\"");
		parser->at++;
	}
	if (parser->at == name)
		return fail(parser, name, "a name is missing");

	step = add_step(parser, UD_STEP_MEMBER);
	if (step == NULL)
		return false;
	step->name = name;
	step->name_length = (int)(parser->at - name);
	return true;
}

/* parse_quoted reads a quoted text; its delimiters are not part of the result. */
static bool
parse_quoted(Parser *parser, const char **text, int *length)
{
	const char quote = *parser->at;
	const char *start = ++parser->at;

	while (parser->at < parser->end && *parser->at != quote)
		parser->at++;
	if (parser->at == parser->end)
		return fail(parser, start - 1, "quotation is not closed");
	*text = start;
	*length = (int)(parser->at - start);
	parser->at++;
	return true;
}

/* parse_index reads the position of an array's element. */
static bool
parse_index(Parser *parser)
{
	const char *start = parser->at;
	bool negative = (*start == '-');
	int digits = 0;
	int index = 0;
	UdPathStep *step;

	if (negative)
		parser->at++;
	for (; parser->at < parser->end && is_digit(*parser->at); parser->at++)
	{
		if (++digits > 9)
			return fail(parser, start, "index is too large");
		index = index * 10 + (*parser->at - '0');
	}
	if (digits == 0)
		return fail(parser, start, "index has no digits");

	step = add_step(parser, UD_STEP_INDEX);
	if (step == NULL)
		return false;
	step->index = negative ? -index : index;
	return true;
}

/* parse_bare_value reads the right side of a condition up to " and " or the closing bracket. */
static void
parse_bare_value(Parser *parser, UdPathStep *step)
{
	step->value = parser->at;
	while (parser->at < parser->end && *parser->at != ']' && !looking_at(parser, " and "))
		parser->at++;
	step->value_length = (int)(parser->at - step->value);
	while (step->value_length > 0 && step->value[step->value_length - 1] == ' ')
		step->value_length--;
}

/* parse_condition reads one "key eq value". */
static bool
parse_condition(Parser *parser, UdPathStepKind kind)
{
	UdPathStep *step;
	const char *start = parser->at;

	while (parser->at < parser->end && *parser->at != ' ' && *parser->at != ']')
		parser->at++;
	if (parser->at == start)
		return fail(parser, start, "selector is empty");

	step = add_step(parser, kind);
	if (step == NULL)
		return false;
	step->name = start;
	step->name_length = (int)(parser->at - start);

	if (!looking_at(parser, " eq "))
		return fail(parser, parser->at, "\" eq \" expected in selector");
	parser->at += 4;
	skip_blanks(parser);

	if (parser->at < parser->end && is_quote(*parser->at))
	{
		step->value_quoted = true;
		return parse_quoted(parser, &step->value, &step->value_length);
	}
	start = parser->at;
	parse_bare_value(parser, step);
	if (step->value_length == 0)
		return fail(parser, start, "selector compares with nothing");
	return true;
}

static bool
parse_conditions(Parser *parser)
{
	if (!parse_condition(parser, UD_STEP_WHERE))
		return false;
	while (looking_at(parser, " and "))
	{
		parser->at += 5;
		skip_blanks(parser);
		if (!parse_condition(parser, UD_STEP_AND))
			return false;
	}
	return true;
}

/* parse_selector reads what stands in brackets; the parser is at the opening one. */
static bool
parse_selector(Parser *parser)
{
	const char *open = parser->at++;
	bool parsed;

	skip_blanks(parser);
	if (parser->at == parser->end)
		return fail(parser, open, "\"[\" is not closed");

	if (is_digit(*parser->at) || *parser->at == '-')
		parsed = parse_index(parser);
	else if (is_quote(*parser->at))
	{
		UdPathStep *step = add_step(parser, UD_STEP_MEMBER);

		parsed = step != NULL && parse_quoted(parser, &step->name, &step->name_length);
	}
	else
		parsed = parse_conditions(parser);
	if (!parsed)
		return false;

	skip_blanks(parser);
	if (parser->at == parser->end)
		return fail(parser, open, "\"[\" is not closed");
	if (*parser->at != ']')
		return fail(parser, parser->at, "\"]\" expected");
	parser->at++;
	return true;
}

/* parse_steps reads everything behind the origin. */
static bool
parse_steps(Parser *parser)
{
	bool first = true;

	while (parser->at < parser->end)
	{
		bool parsed;

		if (*parser->at == '[')
			parsed = parse_selector(parser);
		else
		{
			if (!first)
			{
				if (*parser->at != '.')
					return fail(parser, parser->at, "\".\" or \"[\" expected");
				parser->at++;
			}
			parsed = parse_name(parser);
		}
		if (!parsed)
			return false;
		first = false;
	}
	return true;
}

/* parse_origin reads the sign that a path may begin with. */
static UdPathOrigin
parse_origin(Parser *parser)
{
	if (parser->at == parser->end)
		return UD_PATH_ANSWER;
	switch (*parser->at)
	{
		case '$':
			parser->at++;
			return UD_PATH_PROFILE;
		case '@':
			parser->at++;
			return UD_PATH_PART;
		case '#':
			parser->at++;
			return UD_PATH_OPTION;
		default:
			return UD_PATH_ANSWER;
	}
}

bool
ud_attribute_path_parse(const char *text, int length, UdPathStep *steps, UdPath *path,
						UdPathError *error)
{
	Parser parser = {text, text, text + length, steps, 0, error};

	memset(path, 0, sizeof(*path));
	error->message = NULL;
	error->offset = 0;
	if (length > UD_PATH_MAX_LENGTH)
		return fail(&parser, text + UD_PATH_MAX_LENGTH, "path is too long");

	path->origin = parse_origin(&parser);
	path->whole = parser.at;
	path->whole_length = (int)(parser.end - parser.at);
	if (path->origin != UD_PATH_ANSWER && path->whole_length == 0)
		return fail(&parser, parser.at, "a name is missing");
	if (!parse_steps(&parser))
		return false;

	path->steps = steps;
	path->nsteps = parser.nsteps;
	return true;
}
