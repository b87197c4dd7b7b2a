/*
 * directory.h: where the directory of this database is, who owns it, and whether code and data fit.
 */
#ifndef UD_BASE_DIRECTORY_H
#define UD_BASE_DIRECTORY_H

/*
 * ud_directory_find_relation returns the OID of userdir.<name>, InvalidOid when there is none.
 */
extern Oid ud_directory_find_relation(const char *name);

/*
 * ud_directory_find_owner returns the role that owns userdir.users, InvalidOid when the database
 * holds no directory.
 */
extern Oid ud_directory_find_owner(void);

/*
 * ud_directory_owner returns the role that owns userdir.users.
 *
 * Errors: UD101 when the database holds no directory.
 */
extern Oid ud_directory_owner(void);

/*
 * ud_directory_check_code raises UD102 unless the loaded library and the extension's SQL objects
 * are of one version.
 */
extern void ud_directory_check_code(void);

/*
 * ud_directory_check_data raises UD102 unless the tables are of the version that this library
 * works with. To be called as the directory's owner. The answer is cached until a change of a
 * relation is seen.
 */
extern void ud_directory_check_data(void);

#endif
