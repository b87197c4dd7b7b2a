/*
 * fuzz_attribute_path.c: a path that is read can be printed from its steps and is then read as the
 * same steps; one that is refused is refused with a message and a place inside the text.
 */
#include "fuzz.h"

#include <stdbool.h>

#include "pure/attribute_path.h"

typedef struct Printer
{
	char *text;
	size_t length;
} Printer;

static void
print(Printer *printer, const char *text, int length)
{
	memcpy(printer->text + printer->length, text, length);
	printer->length += length;
}

static bool
contains(const char *text, int length, char c)
{
	return memchr(text, c, length) != NULL;
}

/* print_quoted needs a quote that the text does not hold; what was quoted before has one. */
static void
print_quoted(Printer *printer, const char *text, int length)
{
	const char *quote = contains(text, length, '"') ? "'" : "\"";

	DEMAND(!contains(text, length, quote[0]));
	print(printer, quote, 1);
	print(printer, text, length);
	print(printer, quote, 1);
}

static void
print_member(Printer *printer, const UdPathStep *step, bool first)
{
	if (contains(step->name, step->name_length, '"') &&
		contains(step->name, step->name_length, '\''))
	{
		/* Both quotes: such a name stood bare, behind a dot or at the beginning. */
		if (!first)
			print(printer, ".", 1);
		print(printer, step->name, step->name_length);
		return;
	}
	print(printer, "[", 1);
	print_quoted(printer, step->name, step->name_length);
	print(printer, "]", 1);
}

static void
print_condition(Printer *printer, const UdPathStep *step)
{
	print(printer, step->name, step->name_length);
	print(printer, " eq ", 4);
	if (step->value_quoted)
		print_quoted(printer, step->value, step->value_length);
	else
		print(printer, step->value, step->value_length);
}

/* print_path writes a path anew and returns its length. */
static size_t
print_path(const UdPath *path, char *target)
{
	static const char *const signs[] = {"", "$", "@", "#"};
	Printer printer = {target, 0};
	char number[16];

	print(&printer, signs[path->origin], (int)strlen(signs[path->origin]));
	for (int i = 0; i < path->nsteps; i++)
	{
		const UdPathStep *step = &path->steps[i];
		bool last_condition = i + 1 == path->nsteps || path->steps[i + 1].kind != UD_STEP_AND;

		switch (step->kind)
		{
			case UD_STEP_MEMBER:
				print_member(&printer, step, i == 0);
				break;
			case UD_STEP_INDEX:
				snprintf(number, sizeof(number), "[%d]", step->index);
				print(&printer, number, (int)strlen(number));
				break;
			case UD_STEP_WHERE:
				print(&printer, "[", 1);
				print_condition(&printer, step);
				print(&printer, "]", last_condition);
				break;
			case UD_STEP_AND:
				print(&printer, " and ", 5);
				print_condition(&printer, step);
				print(&printer, "]", last_condition);
				break;
		}
	}
	return printer.length;
}

static bool
within(const char *part, int length, const char *text, size_t size)
{
	return length >= 0 && part >= text && part + length <= text + size;
}

static void
check_steps(const UdPath *path, const char *text, size_t size)
{
	DEMAND(path->nsteps >= 0 && path->nsteps <= UD_PATH_MAX_STEPS);
	DEMAND((path->nsteps == 0) == (size == 0));
	DEMAND(within(path->whole, path->whole_length, text, size));
	DEMAND(path->whole_length == (int)size - (path->origin != UD_PATH_ANSWER));
	for (int i = 0; i < path->nsteps; i++)
	{
		const UdPathStep *step = &path->steps[i];

		if (step->kind == UD_STEP_INDEX)
			DEMAND(step->index > -1000000000 && step->index < 1000000000);
		else
			DEMAND(within(step->name, step->name_length, text, size));
		if (step->kind == UD_STEP_WHERE || step->kind == UD_STEP_AND)
		{
			DEMAND(step->name_length > 0 && within(step->value, step->value_length, text, size));
			DEMAND(step->value_quoted || step->value_length > 0);
		}
		if (step->kind == UD_STEP_AND)
			DEMAND(i > 0 && step[-1].kind != UD_STEP_MEMBER && step[-1].kind != UD_STEP_INDEX);
	}
}

static bool
same_part(const char *a, int a_length, const char *b, int b_length)
{
	return a_length == b_length && (a_length == 0 || memcmp(a, b, a_length) == 0);
}

static void
check_printed(const UdPath *path, size_t size)
{
	char *printed = malloc(2 * size + 8 * UD_PATH_MAX_STEPS);
	size_t length = print_path(path, printed);
	UdPathStep steps[UD_PATH_MAX_STEPS];
	UdPath again;
	UdPathError error;
	char *exact;

	if (length > UD_PATH_MAX_LENGTH)
	{
		free(printed);
		return;
	}
	exact = malloc(length > 0 ? length : 1);
	memcpy(exact, printed, length);
	free(printed);

	DEMAND(ud_attribute_path_parse(exact, (int)length, steps, &again, &error));
	DEMAND(again.origin == path->origin && again.nsteps == path->nsteps);
	for (int i = 0; i < path->nsteps; i++)
	{
		const UdPathStep *a = &path->steps[i];
		const UdPathStep *b = &again.steps[i];

		DEMAND(a->kind == b->kind && a->index == b->index && a->value_quoted == b->value_quoted);
		DEMAND(same_part(a->name, a->name_length, b->name, b->name_length));
		DEMAND(same_part(a->value, a->value_length, b->value, b->value_length));
	}
	free(exact);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	UdPathStep steps[UD_PATH_MAX_STEPS];
	UdPath path;
	UdPathError error;

	if (ud_attribute_path_parse(text, (int)size, steps, &path, &error))
	{
		check_steps(&path, text, size);
		check_printed(&path, size);
	}
	else
	{
		DEMAND(error.message != NULL && strlen(error.message) > 0);
		DEMAND(error.offset >= 0 && error.offset <= (int)size);
	}
	return 0;
}
