# What can be done here beyond building and installing; `make help` prints the comments after ##.

TEST_STAGES = lint build unit regress isolation tap fuzz docs

.PHONY: help deps demo demo-stop test check bench-search bench-write bench-password bench-login bench-jwt bench-identity lint unit regress isolation tap fuzz docs valgrind versions upgrade-check snapshot sql-reference

help: ## print this list
	@echo "make                build for the server of PG_CONFIG (pg_config)"
	@echo "make install        install into that server"
	@echo "make installcheck   regression tests against the running server, or a throw-away one"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1#\2/p' tools/stages.mk | awk -F'#' '{ printf "%-19s %s\n", $$1, $$2 }'

deps: ## install the Debian packages that building needs
	tools/deps build

demo: ## build, install, start a private server and walk through a directory
	tools/deps build
	demo/run

demo-stop: ## end the demo's server
	demo/stop

test: ## install what is missing, then run every test; ends in "N passed, N failed"
	tools/deps test
	tools/test $(TEST_STAGES)

check: regress ## the regression tests in a throw-away cluster

lint unit regress isolation tap fuzz docs:
	tools/deps test
	tools/test $@

upgrade-check: ## the upgrade from every released version
	tools/deps test
	TAP_TESTS=t/020_upgrade.pl tools/test tap

snapshot: ## before a release: keep its install script and a directory of it for the upgrade tests
	tools/deps test
	tools/snapshot_version

valgrind: ## the regression tests with every backend under valgrind (minutes)
	tools/deps valgrind
	tools/test valgrind

versions: ## build and test with the servers of newer Debian releases (root, minutes, network)
	tools/deps versions
	tools/check_versions

sql-reference: ## write docs/sql-reference.md anew from the comments in the catalog
	tools/deps test
	WRITE_DOCS=yes tools/test docs

bench-search: ## measure searches among 100,000 and 1,000,000 users against hand-written SQL
	tools/deps test
	test/bench/run_search

bench-write: ## what the indexes on users cost when 20,000 users come to 100,000
	tools/deps test
	test/bench/run_write

bench-password: ## hash rate in the server against libsodium by itself
	tools/deps test
	tools/bench test/bench/bench_argon2

bench-login: ## logins apart from their hash against hand-written SQL; then the hash rate
	tools/deps test
	tools/bench test/bench/run_login
	tools/bench test/bench/bench_argon2

bench-jwt: ## tokens signed and verified, against OpenSSL and libsodium by themselves and PL/pgSQL over pgcrypto
	tools/deps test
	tools/bench test/bench/run_jwt

bench-identity: ## what a policy that asks who is acting costs for each row
	tools/deps test
	tools/bench tools/cluster run sh -c 'createdb bench_identity && psql -Xq -d bench_identity -f test/bench/identity.sql'
