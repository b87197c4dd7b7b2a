/*
 * metadata_check.h: what user_metadata and app_metadata may be.
 */
#ifndef UD_PROFILE_METADATA_CHECK_H
#define UD_PROFILE_METADATA_CHECK_H

/* ud_metadata_is_name returns whether a member of metadata, at any level, may have this name. */
extern bool ud_metadata_is_name(const char *name, int length);

/* ud_metadata_is_reserved returns whether app_metadata may not have this name at its first level.
 */
extern bool ud_metadata_is_reserved(const char *name, int length);

#endif
