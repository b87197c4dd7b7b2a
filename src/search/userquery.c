/*
 * userquery.c: the type userquery: input and output, comparison, and queries made of queries.
 */
#include "base/userdir.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"

#include "base/memory_arena.h"
#include "base/server_charset.h"
#include "base/settings.h"
#include "search/userquery.h"

#define SIZE_HINT      "The limit is the setting userdir.query_max_size."
#define NODES_HINT     "The limit is the setting userdir.query_max_nodes."
#define DEPTH_HINT     "The limit is the setting userdir.query_max_depth."
#define WILDCARDS_HINT "The limit is the setting userdir.query_max_wildcards."

static void
raise_limit(const char *message, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("%s", message), errhint("%s", hint)));
}

/* raise_error reports what is wrong with a query. */
static void
raise_error(const UdQueryError *error)
{
	char buffer[UD_QUERY_MESSAGE_SIZE];
	const char *message =
		ud_query_error_message(error, ud_server_charset(), buffer, sizeof(buffer));

	switch (error->kind)
	{
		case UD_QUERY_SYNTAX:
			ereport(ERROR,
					(errcode(UD_ERR_QUERY_SYNTAX), errmsg("syntax error in query: %s", message),
					 error->hint != NULL ? errhint("%s", error->hint) : 0));
			break;
		case UD_QUERY_UNSUPPORTED:
			ereport(ERROR, (errcode(UD_ERR_QUERY_NOT_SUPPORTED), errmsg("%s", message),
							error->hint != NULL ? errhint("%s", error->hint) : 0));
			break;
		case UD_QUERY_TOO_LONG:
			raise_limit(message, SIZE_HINT);
			break;
		case UD_QUERY_TOO_MANY_NODES:
		case UD_QUERY_TOO_WIDE:
			raise_limit(message, NODES_HINT);
			break;
		case UD_QUERY_TOO_DEEP:
			raise_limit(message, DEPTH_HINT);
			break;
		case UD_QUERY_TOO_MANY_WILDCARDS:
			raise_limit(message, WILDCARDS_HINT);
			break;
		case UD_QUERY_OK:
		case UD_QUERY_NO_MEMORY:
			elog(ERROR, "query parser failed: %s", message);
	}
}

UdQueryNode *
ud_userquery_parse(const char *text, size_t length)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdQueryLimits limits = {.bytes = (size_t)ud_query_max_size_kb * 1024,
							.nodes = ud_query_max_nodes,
							.depth = ud_query_max_depth,
							.wildcards = ud_query_max_wildcards};
	UdQueryOptions options = {&limits, ud_server_charset()};
	UdQueryError error;
	UdQueryNode *node = ud_query_parse(text, length, &options, &arena, &error);

	if (node == NULL)
		raise_error(&error);
	return node;
}

UdQueryNode *
ud_userquery_load(const struct varlena *value)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdQueryLimits unlimited = {0};
	UdQueryOptions options = {&unlimited, ud_server_charset()};
	UdQueryError error;
	UdQueryNode *node =
		ud_query_parse(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value), &options, &arena, &error);

	if (node == NULL)
		ereport(ERROR, (errcode(ERRCODE_DATA_CORRUPTED), errmsg("stored query cannot be read")));
	return node;
}

struct varlena *
ud_userquery_store(const UdQueryNode *node)
{
	UdArena arena = ud_memory_arena(CurrentMemoryContext);
	UdSpan text;

	if (!ud_query_print(node, &arena, &text))
		elog(ERROR, "query printer failed");
	return cstring_to_text_with_len(text.data, (int)text.length);
}

/* parse_value makes a value of the text that somebody wrote. */
static struct varlena *
parse_value(const char *text, size_t length)
{
	return ud_userquery_store(ud_userquery_parse(text, length));
}

UD_FUNCTION(userdir_userquery_in);

/*
 * userdir_userquery_in reads a query; errors as in ud_userquery_parse.
 */
Datum
userdir_userquery_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);

	PG_RETURN_POINTER(parse_value(text, strlen(text)));
}

UD_FUNCTION(userdir_userquery_out);

/*
 * userdir_userquery_out returns the canonical text.
 */
Datum
userdir_userquery_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(text_to_cstring(PG_GETARG_TEXT_PP(0)));
}

UD_FUNCTION(userdir_userquery_recv);

/*
 * userdir_userquery_recv reads a query from the binary protocol, where it is text all the same; the
 * message is checked for the client's encoding, the text by the parser.
 */
Datum
userdir_userquery_recv(PG_FUNCTION_ARGS)
{
	StringInfo message = (StringInfo)PG_GETARG_POINTER(0);
	int length;
	char *text = pq_getmsgtext(message, message->len - message->cursor, &length);

	PG_RETURN_POINTER(parse_value(text, (size_t)length));
}

UD_FUNCTION(userdir_userquery_send);

/*
 * userdir_userquery_send returns the canonical text in the client's encoding.
 */
Datum
userdir_userquery_send(PG_FUNCTION_ARGS)
{
	text *value = PG_GETARG_TEXT_PP(0);
	StringInfoData message;

	pq_begintypsend(&message);
	pq_sendtext(&message, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&message));
}

UD_FUNCTION(userdir_userquery_from_text);

/*
 * userdir_userquery_from_text reads a query; errors as in ud_userquery_parse.
 */
Datum
userdir_userquery_from_text(PG_FUNCTION_ARGS)
{
	text *value = PG_GETARG_TEXT_PP(0);

	PG_RETURN_POINTER(parse_value(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}

/* compare orders two queries by the bytes of their canonical texts. */
static int
compare(const struct varlena *a, const struct varlena *b)
{
	size_t a_length = VARSIZE_ANY_EXHDR(a);
	size_t b_length = VARSIZE_ANY_EXHDR(b);
	int order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_length, b_length));

	return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

UD_FUNCTION(userdir_userquery_cmp);

/*
 * userdir_userquery_cmp orders two queries by their canonical texts: negative, zero or positive.
 */
Datum
userdir_userquery_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)));
}

UD_FUNCTION(userdir_userquery_eq);

/*
 * userdir_userquery_eq returns whether two queries have the same tree.
 */
Datum
userdir_userquery_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)) == 0);
}

UD_FUNCTION(userdir_userquery_ne);

/*
 * userdir_userquery_ne returns whether two queries have different trees.
 */
Datum
userdir_userquery_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)) != 0);
}

UD_FUNCTION(userdir_userquery_lt);

/*
 * userdir_userquery_lt returns whether a query sorts before another.
 */
Datum
userdir_userquery_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)) < 0);
}

UD_FUNCTION(userdir_userquery_le);

/*
 * userdir_userquery_le returns whether a query sorts before another or equals it.
 */
Datum
userdir_userquery_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)) <= 0);
}

UD_FUNCTION(userdir_userquery_gt);

/*
 * userdir_userquery_gt returns whether a query sorts behind another.
 */
Datum
userdir_userquery_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)) > 0);
}

UD_FUNCTION(userdir_userquery_ge);

/*
 * userdir_userquery_ge returns whether a query sorts behind another or equals it.
 */
Datum
userdir_userquery_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)) >= 0);
}

UD_FUNCTION(userdir_userquery_hash);

/*
 * userdir_userquery_hash returns the 32-bit hash for hash joins and the like.
 */
Datum
userdir_userquery_hash(PG_FUNCTION_ARGS)
{
	text *value = PG_GETARG_TEXT_PP(0);

	return hash_any((unsigned char *)VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

UD_FUNCTION(userdir_userquery_hash_extended);

/*
 * userdir_userquery_hash_extended returns the 64-bit hash with a seed.
 */
Datum
userdir_userquery_hash_extended(PG_FUNCTION_ARGS)
{
	text *value = PG_GETARG_TEXT_PP(0);

	return hash_any_extended((unsigned char *)VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							 (uint64)PG_GETARG_INT64(1));
}

/* append_operand adds a query to a chain of AND or OR: its operands if it is such a chain itself.
 */
static int
append_operand(UdQueryNode **operands, int count, UdQueryKind kind, UdQueryNode *node)
{
	if (node->kind != kind)
	{
		operands[count] = node;
		return count + 1;
	}
	memcpy(operands + count, node->u.list.nodes, sizeof(*operands) * (size_t)node->u.list.count);
	return count + node->u.list.count;
}

static int
operand_count(UdQueryKind kind, const UdQueryNode *node)
{
	return node->kind == kind ? node->u.list.count : 1;
}

/* limited_value makes a value of a tree that was put together, within the limits. */
static struct varlena *
limited_value(const UdQueryNode *node)
{
	struct varlena *value = ud_userquery_store(node);

	ud_userquery_parse(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	return value;
}

/*
 * combine makes the AND or OR of two values. The query for everything changes nothing in an AND, so
 * that it serves as a beginning, and is all that is left of an OR.
 */
static struct varlena *
combine(UdQueryKind kind, const struct varlena *left, const struct varlena *right)
{
	UdQueryNode *a = ud_userquery_load(left);
	UdQueryNode *b = ud_userquery_load(right);
	UdQueryNode chain = {.kind = kind};
	UdQueryNode **operands;
	int count;

	if (a->kind == UD_QUERY_ALL)
		return limited_value(kind == UD_QUERY_AND ? b : a);
	if (b->kind == UD_QUERY_ALL)
		return limited_value(kind == UD_QUERY_AND ? a : b);
	operands = MemoryContextAllocHuge(CurrentMemoryContext,
									  sizeof(*operands) *
										  (Size)(operand_count(kind, a) + operand_count(kind, b)));
	count = append_operand(operands, 0, kind, a);
	count = append_operand(operands, count, kind, b);
	chain.u.list.count = count;
	chain.u.list.nodes = operands;
	return limited_value(&chain);
}

UD_FUNCTION(userdir_userquery_and);

/*
 * userdir_userquery_and returns the query that both queries must match. Errors: 54000 when the
 * result is beyond the limits of a query.
 */
Datum
userdir_userquery_and(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(combine(UD_QUERY_AND, PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)));
}

UD_FUNCTION(userdir_userquery_or);

/*
 * userdir_userquery_or returns the query that one of the queries must match. Errors: 54000 when the
 * result is beyond the limits of a query.
 */
Datum
userdir_userquery_or(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(combine(UD_QUERY_OR, PG_GETARG_VARLENA_PP(0), PG_GETARG_VARLENA_PP(1)));
}

UD_FUNCTION(userdir_userquery_not);

/*
 * userdir_userquery_not returns the complement of a query. Errors: 54000 when the result is beyond
 * the limits of a query.
 */
Datum
userdir_userquery_not(PG_FUNCTION_ARGS)
{
	UdQueryNode *operand = ud_userquery_load(PG_GETARG_VARLENA_PP(0));
	UdQueryNode complement = {.kind = UD_QUERY_NOT, .u.list = {.count = 1, .nodes = &operand}};

	if (operand->kind == UD_QUERY_NOT)
		PG_RETURN_POINTER(limited_value(operand->u.list.nodes[0]));
	PG_RETURN_POINTER(limited_value(&complement));
}
