/*
 * query_decode.c: what a token says, its escapes resolved.
 */
#include "pure/query_decode.h"

#include "pure/query_escape.h"

/* A place in a token that is being decoded */
typedef struct Decoder
{
	const UdCharset *charset;
	const char *at;
	const char *end;
} Decoder;

static Decoder
decoder_of(const UdLexer *lexer, const UdToken *token)
{
	Decoder decoder = {lexer->charset, lexer->text + token->start, lexer->text + token->end};

	if (token->kind == UD_TOKEN_PHRASE)
	{
		decoder.at++;
		decoder.end--;
	}
	return decoder;
}

/* decode_one writes the next character to target; literal says that no meaning is left in it. */
static size_t
decode_one(Decoder *decoder, char *target, bool *literal)
{
	size_t length = 1;

	*literal = *decoder->at == '\\';
	if (*literal)
		decoder->at +=
			ud_query_escape_read(decoder->charset, decoder->at, decoder->end, target, &length);
	else
		*target = *decoder->at++;
	return length;
}

/*
 * decoding_room returns memory for what a token decodes to. No escape is shorter than the character
 * it stands for, but the room of the last one is taken whole.
 */
static char *
decoding_room(const Decoder *decoder, const UdArena *arena)
{
	return ud_arena_allocate(arena, (size_t)(decoder->end - decoder->at) + UD_CHARSET_MAX);
}

bool
ud_query_decode_value(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
					  UdSpan *value)
{
	Decoder decoder = decoder_of(lexer, token);
	char *target = decoding_room(&decoder, arena);
	size_t length = 0;
	bool literal;

	if (target == NULL)
		return false;
	while (decoder.at < decoder.end)
		length += decode_one(&decoder, target + length, &literal);
	value->data = target;
	value->length = length;
	return true;
}

bool
ud_query_decode_pattern(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
						UdWildcard *pattern)
{
	Decoder decoder = decoder_of(lexer, token);
	char *target = decoding_room(&decoder, arena);
	UdWildcardPart *parts =
		ud_arena_allocate(arena, sizeof(*parts) * (2 * (size_t)token->wildcards + 1));
	int nparts = 0;
	bool in_literal = false;

	if (target == NULL || parts == NULL)
		return false;
	while (decoder.at < decoder.end)
	{
		bool literal;
		size_t length = decode_one(&decoder, target, &literal);

		if (!literal && (*target == '*' || *target == '?'))
		{
			parts[nparts].kind = *target == '*' ? UD_WILDCARD_MANY : UD_WILDCARD_ONE;
			parts[nparts++].text = (UdSpan){NULL, 0};
			in_literal = false;
			continue;
		}
		if (!in_literal)
		{
			parts[nparts].kind = UD_WILDCARD_LITERAL;
			parts[nparts++].text = (UdSpan){target, 0};
			in_literal = true;
		}
		parts[nparts - 1].text.length += length;
		target += length;
	}
	pattern->nparts = nparts;
	pattern->parts = parts;
	return true;
}

static int
count_dots(const Decoder *decoder)
{
	int dots = 0;

	for (const char *at = decoder->at; at < decoder->end; at++)
		dots += *at == '.';
	return dots;
}

bool
ud_query_decode_field(const UdLexer *lexer, const UdToken *token, const UdArena *arena,
					  UdSpan **segments, int *nsegments)
{
	Decoder decoder = decoder_of(lexer, token);
	char *target = decoding_room(&decoder, arena);
	UdSpan *list = ud_arena_allocate(arena, sizeof(*list) * ((size_t)count_dots(&decoder) + 1));
	int count = 1;

	if (target == NULL || list == NULL)
		return false;
	list[0] = (UdSpan){target, 0};
	while (decoder.at < decoder.end)
	{
		bool literal;
		size_t length = decode_one(&decoder, target, &literal);

		if (!literal && *target == '.')
		{
			list[count++] = (UdSpan){target, 0};
			continue;
		}
		list[count - 1].length += length;
		target += length;
	}
	*segments = list;
	*nsegments = count;
	return true;
}
