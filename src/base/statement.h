/*
 * statement.h: statements of userdir's own, which are planned once in a session.
 *
 * They run with the rights and the row security of the current user. Unless they are stable they
 * see what was done, and what others have committed, before them. They must name the schema of
 * every table, function and operator: callers have any search_path.
 */
#ifndef UD_BASE_STATEMENT_H
#define UD_BASE_STATEMENT_H

#define UD_STATEMENT_ARGUMENTS 20

/* A statement; a static variable of the file that runs it. */
typedef struct UdStatement
{
	const char *text;
	int arguments;                     /* how many of the types count */
	Oid types[UD_STATEMENT_ARGUMENTS]; /* of $1, $2 and so on */
	bool is_stable;                    /* sees what the statement around it sees, and only reads */
	struct _SPI_plan *plan;            /* NULL until it runs for the first time */
} UdStatement;

/*
 * ud_statement_fetch runs a statement whose arguments are not null.
 *
 * values, nulls: get the first row, in memory of the caller. columns: how many the row has.
 * Result: whether there was a row.
 *
 * Errors: those of the statement.
 */
extern bool ud_statement_fetch(UdStatement *statement, Datum *arguments, Datum *values, bool *nulls,
							   int columns);

/*
 * ud_statement_fetch_newest is ud_statement_fetch for a statement that only reads, under a snapshot
 * of its own even in a transaction that keeps one: for what must not be old, as which keys are
 * valid. Within a parallel query, where there can be no new one, it is that of the query.
 */
extern bool ud_statement_fetch_newest(UdStatement *statement, Datum *arguments, Datum *values,
									  bool *nulls, int columns);

/*
 * ud_statement_run runs a statement that returns no rows; null_arguments tells which are null.
 * Result: how many rows it wrote.
 *
 * Errors: those of the statement.
 */
extern uint64 ud_statement_run(UdStatement *statement, Datum *arguments,
							   const bool *null_arguments);

#endif
