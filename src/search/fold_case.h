/*
 * fold_case.h: case folding of texts in the database's encoding.
 */
#ifndef UD_SEARCH_FOLD_CASE_H
#define UD_SEARCH_FOLD_CASE_H

/*
 * ud_fold_case_text returns the simple case folding of a text: the text itself when folding leaves
 * it as it is, else a new one. It is not to be compressed or out of line.
 */
extern text *ud_fold_case_text(text *value);

#endif
