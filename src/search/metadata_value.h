/*
 * metadata_value.h: how long a value may be that an index on one path of a document holds.
 *
 * A B-tree refuses rows of more than 2704 bytes, and with that the whole INSERT. No value that
 * these functions return comes near, so that an index on them never stands in the way of a
 * document.
 */
#ifndef UD_SEARCH_METADATA_VALUE_H
#define UD_SEARCH_METADATA_VALUE_H

/* Texts, and numbers as they are stored; longer ones are null. */
#define UD_METADATA_VALUE_BYTES 2000

/*
 * Sort keys stand beside a user_id, which can be long itself. Of a string so many bytes count;
 * whatever else is longer than the second figure is null.
 */
#define UD_SORT_KEY_STRING_BYTES 500
#define UD_SORT_KEY_BYTES        1000

#endif
