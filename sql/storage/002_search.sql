-- Searching: which indexes the directory keeps for it.

ALTER TABLE userdir.directory
  ADD COLUMN search_indexes text NOT NULL DEFAULT 'full' CHECK (search_indexes IN ('full', 'lean'));
COMMENT ON COLUMN userdir.directory.search_indexes IS 'full, or lean: which of userdir._search_indexes() install() keeps.';
