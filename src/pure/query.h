/*
 * query.h: the search query language: text to tree, tree to canonical text, tree to kernel.
 *
 *	query      = [ list ]                          ; nothing at all means every record
 *	list       = 1*disjunction                     ; side by side: at least one of them, see below
 *	disjunction = conjunction *( ( "OR" / "||" ) conjunction )
 *	conjunction = operand *( ( "AND" / "&&" ) operand )
 *	operand    = [ "NOT" / "!" / "+" / "-" ] primary
 *	primary    = "(" list ")"
 *	           / field ":" "(" list ")"            ; the field of everything inside without its own
 *	           / [ field ":" ] ( term / phrase / pattern )
 *	           / field ":" ( range / comparison )
 *	           / ( "_exists_" / "_missing_" ) ":" ( field / "(" list ")" )
 *	           / "*:*" / "*"                       ; every record
 *	range      = ( "[" / "{" ) bound "TO" bound ( "]" / "}" )
 *	comparison = ( ">" / ">=" / "<" / "<=" / "=" ) ( term / phrase )
 *
 * NOT binds closer than AND, AND closer than OR, OR closer than standing side by side. As soon as
 * one member of a list is a single operand with a sign (or NOT), the list means what it means in
 * Lucene: all of "+", none of "-", and without any "+" at least one of the others; that is
 * UD_QUERY_OCCUR. Between AND or OR, "+" says nothing and "-" is NOT.
 *
 * A word ends at white space or one of ( ) : ^ [ ] " { } ~ ! and a backslash takes away the meaning
 * of any character behind it; \uXXXX is the character of that code. Signs stand directly before
 * their operand, and only at the beginning of a word "+" and "-" are signs, "&&" and "||" are
 * operators, "<", ">" and "=" comparisons, and "/" a regular expression; they are letters else.
 * Behind a colon, "+" or "-" before a digit begins a value. A date with time may stand unquoted:
 * its colons end no word. A bound of a range ends at white space, "]" or "}" only.
 *
 * Everything here works on bytes of any server encoding and knows no global state. Trees live in
 * the caller's arena and share nothing with the text that they were parsed from.
 */
#ifndef UD_PURE_QUERY_H
#define UD_PURE_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pure/arena.h"
#include "pure/charset.h"
#include "pure/span.h"
#include "pure/wildcard.h"

typedef enum UdQueryKind
{
	UD_QUERY_ALL,      /* every record; no payload */
	UD_QUERY_NONE,     /* no record; no payload; made by ud_query_lower alone */
	UD_QUERY_AND,      /* list: two or more */
	UD_QUERY_OR,       /* list: two or more */
	UD_QUERY_NOT,      /* list: exactly one; the complement */
	UD_QUERY_OCCUR,    /* occur; not in the kernel */
	UD_QUERY_TERM,     /* field, value, quoted: the whole value; a parsed one is not quoted */
	UD_QUERY_PHRASE,   /* field, value, quoted = true; a TERM in the kernel */
	UD_QUERY_WILDCARD, /* field, pattern with at least one "*" or "?" */
	UD_QUERY_RANGE,    /* field, range */
	UD_QUERY_EXISTS,   /* field */
	UD_QUERY_MISSING   /* field; NOT EXISTS in the kernel */
} UdQueryKind;

/*
 * A field is the path to a value: segments between unescaped dots, their escapes resolved. printed
 * is the path as text with escapes where they are needed: it reads as the same path, and two paths
 * are equal if and only if their printed forms are.
 *
 * "*:value" names no field but any: any is true, there are no segments and printed is "*". The
 * kernel has no such field; there it is a value without field.
 */
typedef struct UdQueryField
{
	bool any;
	int nsegments;
	const UdSpan *segments;
	UdSpan printed;
} UdQueryField;

typedef struct UdQueryNode UdQueryNode;

typedef struct UdQueryList
{
	int count;
	UdQueryNode **nodes;
} UdQueryList;

/* At least two clauses in all, and at least one in must or must_not. */
typedef struct UdQueryOccur
{
	UdQueryList must;     /* "+" */
	UdQueryList should;   /* no sign */
	UdQueryList must_not; /* "-", "!", NOT */
} UdQueryOccur;

typedef struct UdQueryBound
{
	bool open;      /* "*": no bound; value and quoted say nothing */
	bool inclusive; /* as the bracket says, also beside "*"; true beside "*" in the kernel */
	bool quoted;
	UdSpan value;
} UdQueryBound;

typedef struct UdQueryRange
{
	UdQueryBound low;
	UdQueryBound high;
} UdQueryRange;

struct UdQueryNode
{
	UdQueryKind kind;
	int depth;     /* 1 for a leaf, else one more than its deepest node */
	size_t offset; /* where it begins in the text, in bytes from 0 */

	const UdQueryField *field; /* NULL: no field, the value may stand in any text field */
	bool quoted;
	union
	{
		UdQueryList list;
		UdQueryOccur occur;
		UdSpan value;
		UdWildcard pattern;
		UdQueryRange range;
	} u;
};

/*
 * What a query may cost. 0 means no limit of ours; depth is then bound by UD_QUERY_MAX_DEPTH, which
 * no depth can exceed, for the stack's sake.
 */
typedef struct UdQueryLimits
{
	size_t bytes;  /* of the text as written, and of its canonical form */
	int nodes;     /* of the tree */
	int depth;     /* of the tree, and of parentheses in each other */
	int width;     /* operands of one AND, OR or list */
	int wildcards; /* "*" and "?" in all patterns together */
} UdQueryLimits;

#define UD_QUERY_MAX_DEPTH         500
#define UD_QUERY_DEFAULT_BYTES     (1024 * 1024)
#define UD_QUERY_DEFAULT_NODES     20000
#define UD_QUERY_DEFAULT_DEPTH     100
#define UD_QUERY_DEFAULT_WIDTH     10000
#define UD_QUERY_DEFAULT_WILDCARDS 1000

extern const UdQueryLimits ud_query_default_limits;

typedef enum UdQueryErrorKind
{
	UD_QUERY_OK,
	UD_QUERY_SYNTAX,
	UD_QUERY_UNSUPPORTED,        /* feature names what it is */
	UD_QUERY_TOO_LONG,           /* limits.bytes */
	UD_QUERY_TOO_MANY_NODES,     /* limits.nodes */
	UD_QUERY_TOO_DEEP,           /* limits.depth */
	UD_QUERY_TOO_WIDE,           /* limits.width */
	UD_QUERY_TOO_MANY_WILDCARDS, /* limits.wildcards */
	UD_QUERY_NO_MEMORY
} UdQueryErrorKind;

typedef enum UdQueryFeature
{
	UD_QUERY_NO_FEATURE,
	UD_QUERY_FUZZY,          /* term~ */
	UD_QUERY_PROXIMITY,      /* "some words"~3 */
	UD_QUERY_BOOST,          /* term^2 */
	UD_QUERY_REGEX,          /* /expression/ */
	UD_QUERY_FIELD_WILDCARD, /* first*name:value, _exists_:a* */
	UD_QUERY_QUOTED_FIELD    /* "first name":value */
} UdQueryFeature;

/*
 * Everything about an error. found and expected are phrases for people, in English and lower case,
 * but for what found quotes of the text; hint is a sentence, or NULL.
 */
typedef struct UdQueryError
{
	UdQueryErrorKind kind;
	UdQueryFeature feature;
	size_t offset;   /* in bytes from 0; the length of the text if something is missing there */
	size_t position; /* in characters from 1 */
	UdSpan found;    /* the piece of the text, which it points into; empty at the end */
	const char *expected; /* what would have been right there; NULL if nothing would */
	const char *hint;
	size_t limit;    /* of the limit kinds: what was allowed */
	char detail[80]; /* anything else to say, or empty */
} UdQueryError;

/* How to read: limits may be NULL for the default ones, charset NULL for UTF-8. */
typedef struct UdQueryOptions
{
	const UdQueryLimits *limits;
	const UdCharset *charset;
} UdQueryOptions;

/*
 * ud_query_parse reads a query.
 *
 * text need not be terminated; options may be NULL. Returns the tree in arena, or NULL with error
 * filled. error is reset on success. The tree's canonical text is within the same limits, so what
 * was accepted once can be stored as text and read again.
 */
extern UdQueryNode *ud_query_parse(const char *text, size_t length, const UdQueryOptions *options,
								   const UdArena *arena, UdQueryError *error);

/*
 * ud_query_parse_field reads a text as the path of one field, for sort orders and the like.
 *
 * Dots part segments, a backslash takes a character literally; white space and special characters
 * need one as they do in a query. Returns NULL with error filled for anything else.
 */
extern UdQueryField *ud_query_parse_field(const char *text, size_t length,
										  const UdQueryOptions *options, const UdArena *arena,
										  UdQueryError *error);

/*
 * ud_query_make_field makes the field of a list of segments, which are copied, for other front
 * ends. Returns NULL without memory. nsegments is at least 1, and a single segment is not empty.
 */
extern UdQueryField *ud_query_make_field(const UdSpan *segments, int nsegments,
										 const UdArena *arena);

/*
 * ud_query_error_message writes the message of an error into buffer: lower case, without full stop,
 * with the position, such as >unexpected ")" at character 5, expected a term<.
 *
 * A long piece of the query is shortened, at a character of charset (NULL for UTF-8). size is at
 * least UD_QUERY_MESSAGE_SIZE, which is enough for every message. Returns buffer.
 */
#define UD_QUERY_MESSAGE_SIZE 512
extern char *ud_query_error_message(const UdQueryError *error, const UdCharset *charset,
									char *buffer, size_t size);

/* ud_query_feature_name returns the name of what is not supported, such as "fuzzy search". */
extern const char *ud_query_feature_name(UdQueryFeature feature);

/*
 * ud_query_print writes the canonical text of a tree.
 *
 * Parsing it gives an equal tree. Ranges and comparisons are printed as ranges, field groups as
 * fields at each value, operators as the words AND, OR and NOT, and no more is escaped than has to
 * be. The text of a lowered tree means the same as the tree. Returns false without memory.
 */
extern bool ud_query_print(const UdQueryNode *node, const UdArena *arena, UdSpan *text);

/* ud_query_printed_length returns the bytes of the canonical text. */
extern size_t ud_query_printed_length(const UdQueryNode *node);

/*
 * ud_query_lower rewrites a tree to the kernel kinds ALL, NONE, AND, OR, NOT, TERM, WILDCARD, RANGE
 * and EXISTS with the same meaning.
 *
 * OCCUR, PHRASE and MISSING are expressed by these; AND in AND and OR in OR are flattened, double
 * NOTs and operands that are there twice removed; ALL and NONE remain at the top only. A pattern of
 * nothing but "*" and a range without bounds become EXISTS (ALL without field), "**" becomes "*",
 * and any "?" goes before the "*" beside it. Nodes keep their offsets; the tree given stays as
 * it is, and the result shares its texts. Lowering a lowered tree changes nothing. Returns NULL
 * without memory.
 */
extern UdQueryNode *ud_query_lower(const UdQueryNode *node, const UdArena *arena);

/* ud_query_equal returns whether two trees are the same but for offsets. Order counts. */
extern bool ud_query_equal(const UdQueryNode *a, const UdQueryNode *b);

/*
 * ud_query_hash returns a hash of a tree: equal trees have equal hashes. It depends on nothing but
 * the tree, so it is the same on every machine and in every version that does not say otherwise.
 */
extern uint64_t ud_query_hash(const UdQueryNode *node);

#endif
