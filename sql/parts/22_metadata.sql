-- Metadata: checks, and merging on JSONB.

CREATE FUNCTION userdir.check_metadata(kind text, metadata jsonb) RETURNS boolean
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir_check_metadata';
COMMENT ON FUNCTION userdir.check_metadata(text, jsonb) IS
'Returns true when a document may be stored as metadata of a user.

kind: user_metadata or app_metadata. metadata: the document.
Errors: UD005 when it is no object, when a name at any level holds "." or "$", or when a name of the first level of app_metadata is that of an attribute of the user itself; 54000 when it, or its numbers written out, is larger than the setting userdir.metadata_max_size, or deeper than userdir.metadata_max_depth; 22023 for another kind.';

CREATE FUNCTION userdir.merge_metadata(stored jsonb, changes jsonb) RETURNS jsonb
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir_merge_metadata';
COMMENT ON FUNCTION userdir.merge_metadata(jsonb, jsonb) IS
'Applies changes to metadata at its first level, as update_user() does.

stored: the metadata as it is; null counts as {}. changes: an object. Each of its members replaces the stored one whole, nested objects and arrays too; a null deletes it; {} wipes everything; null changes nothing.
Result: the metadata as it becomes. It is not checked; see check_metadata().
Errors: UD005 when either is no object.';

CREATE FUNCTION userdir.json_merge_patch(target jsonb, patch jsonb) RETURNS jsonb
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10
  AS 'MODULE_PATHNAME', 'userdir_json_merge_patch';
COMMENT ON FUNCTION userdir.json_merge_patch(jsonb, jsonb) IS
'Applies a JSON Merge Patch (RFC 7396): objects are merged at every level, a null deletes, everything else, arrays included, replaces.

target: any JSON value; what is no object counts as {} where the patch is one. patch: any JSON value.
Result: the target as it becomes.';

CREATE OPERATOR userdir.|+ (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = userdir.merge_metadata);
COMMENT ON OPERATOR userdir.|+ (jsonb, jsonb) IS 'metadata |+ changes: merge at the first level; see merge_metadata().';

CREATE OPERATOR userdir.|++ (LEFTARG = jsonb, RIGHTARG = jsonb, FUNCTION = userdir.json_merge_patch);
COMMENT ON OPERATOR userdir.|++ (jsonb, jsonb) IS 'target |++ patch: JSON Merge Patch, deep; see json_merge_patch().';
