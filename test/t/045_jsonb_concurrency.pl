# An index of class jsonb_query_ops, and the planner that reads its pages, among sessions that write,
# over a crash and on a standby: it finds what a sequential scan finds.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use UserdirTest;

my $node = new_server('primary');
$node->append_conf('postgresql.conf', "autovacuum_naptime = 1\nmax_parallel_workers_per_gather = 2\nparallel_setup_cost = 0\nparallel_tuple_cost = 0\nmin_parallel_table_scan_size = 0");
$node->restart;
$node->safe_psql('postgres', q{
	CREATE EXTENSION userdir;
	ALTER DATABASE postgres SET search_path = public, userdir;
	CREATE FUNCTION public.document(i bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
		SELECT jsonb_build_object('n', i * 7919 % 100003, 's', md5(i::text), 'p', i % 7, 'long', repeat('x', (i % 60)::integer) || i % 11,
			'd', date '2020-01-01' + (i % 1500)::integer, 'o', jsonb_build_array(jsonb_build_object('t', 't' || i % 20, 'f', i % 3 = 0), i % 50))
	$$;
});
$node->safe_psql('postgres', q{
	CREATE TABLE documents (id bigint PRIMARY KEY, document jsonb);
	CREATE INDEX documents_index ON documents USING gin (document jsonb_query_ops) WITH (gin_pending_list_limit = 128);
	CREATE SEQUENCE ids START 3001;
	INSERT INTO documents SELECT i, document(i) FROM generate_series(1, 3000) i;
	ANALYZE documents;
});

my @queries = ('p:3', 'p:(1 2 3)', 'n:[1000 TO 60000]', 'n:<500', 's:a*', 's:*ab*', 's:*00', 'd:2021-03', 'd:>2022', 'o.t:t7', 'o.t:t1*', 'o.f:true', 'o:7', '_exists_:o.t',
	'_exists_:nothing', 'NOT p:3', 'NOT s:*a*', 'p:3 AND o.t:t7', 'p:3 AND NOT o.f:true', 'p:3 AND n:>2000', 'p:3 OR n:<100', 'long:x*7', 'long:>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
	'long:"' . 'x' x 50 . '5"', 'p:3 AND o.f:true AND s:*7* AND NOT d:2020', '*:*');

# same_answers compares what the index finds on a server with what a sequential scan finds.
sub same_answers
{
	my ($server, $name) = @_;
	my @different;
	for my $query (@queries)
	{
		my $statement = "SELECT count(*), sum(id) FROM documents WHERE document @@ '$query'";
		my $scan  = $server->safe_psql('postgres', "SET enable_bitmapscan = off; $statement");
		my $index = $server->safe_psql('postgres', "SET enable_seqscan = off; $statement");
		push @different, "$query: $scan by a scan, $index by the index" if $scan ne $index;
	}
	is(join("\n", @different), '', $name);
}

my %scripts = (
	insert => q{INSERT INTO documents SELECT id, document(id) FROM nextval('ids') id;},
	update => "\\set id random(1, 3000)\n" . q{UPDATE documents SET document = document(id + 100000 * (random() * 100)::integer) WHERE id = :id;},
	remove => "\\set id random(1, 6000)\n" . q{DELETE FROM documents WHERE id = :id;},
	search => join("\n", map { "SELECT count(*) FROM documents WHERE document @@ '$_';" } @queries[0 .. 19]),
	plan   => join("\n", map { "EXPLAIN SELECT FROM documents WHERE document @@ '$_';" } @queries),
);
my %weight = (insert => 30, update => 20, remove => 5, search => 1, plan => 3);
my @files;
for my $name (sort keys %scripts)
{
	my $file = $node->basedir . "/$name.sql";
	append_to_file($file, $scripts{$name});
	push @files, '-f', "$file\@$weight{$name}";
}

my ($out, $err) = run_command([ 'pgbench', '-n', '-c', '6', '-j', '2', '-T', '8', '-h', $node->host, '-p', $node->port, @files, 'postgres' ]);
unlike("$out$err", qr/ERROR|aborted|PANIC/, 'searching, planning and writing side by side fails nowhere') or diag("$out\n$err");
like($out, qr/number of transactions actually processed: [1-9]\d{2,}/, 'much was done') or diag("$out\n$err");
same_answers($node, 'after many sessions the index finds what a scan finds');

# Rows move from the pending list into the tree key by key, here in slow motion: a scan in between
# meets them without some of their keys, and must not find them by what they seem to lack.
$node->safe_psql('postgres', q{
	CREATE TABLE moving (id bigint, document jsonb) WITH (autovacuum_enabled = off);
	CREATE INDEX moving_index ON moving USING gin (document jsonb_query_ops);
	INSERT INTO moving SELECT i, '{"a": 1, "b": {"c": true}, "d": {"e": {"f": "g"}}}' FROM generate_series(1, 100) i;
});
{
	my $vacuum = $node->background_psql('postgres');
	$vacuum->query_safe('SET vacuum_cost_limit = 1; SET vacuum_cost_delay = 50');
	$vacuum->query_until(qr/^moving now$/m, "\\echo moving now\nVACUUM moving;\n\\echo moved\n");
	my ($scans, %found) = (0);
	while ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'VACUUM moving%' AND state = 'active'}) ne '0' || $scans == 0)
	{
		for my $query ('a:1 AND NOT b.c:true', 'NOT b.c:true', 'a:1 AND NOT _exists_:d.e.f', 'a:1 AND NOT (b.c:true AND d.e.f:g)', 'a:1 AND b.c:true AND d.e.f:g')
		{
			my $rows = $node->safe_psql('postgres', "SET enable_seqscan = off; SELECT count(*) FROM moving WHERE document @@ '$query'");
			$found{"$query: $rows"}++;
		}
		$scans++;
	}
	$vacuum->quit;
	cmp_ok($scans, '>=', 5, 'rows are searched while they move');
	is(join("\n", sort keys %found), join("\n", 'NOT b.c:true: 0', 'a:1 AND NOT (b.c:true AND d.e.f:g): 0', 'a:1 AND NOT _exists_:d.e.f: 0', 'a:1 AND NOT b.c:true: 0', 'a:1 AND b.c:true AND d.e.f:g: 100'), 'and are found by what they have');
}

# On a standby, plans read the same pages.
$node->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'copy', has_streaming => 1);
$standby->start;
$node->safe_psql('postgres', q{INSERT INTO documents SELECT id, document(id) FROM (SELECT nextval('ids') AS id FROM generate_series(1, 500)) n; CREATE UNLOGGED TABLE unlogged AS SELECT * FROM documents; CREATE INDEX ON unlogged USING gin (document jsonb_query_ops); ANALYZE unlogged});
$node->wait_for_catchup($standby);
same_answers($standby, 'on a standby too');
my (undef, undef, $refused) = $standby->psql('postgres', q{SELECT count(*) FROM unlogged WHERE document @@ 'p:3 AND n:>7'});
like($refused, qr/cannot access temporary or unlogged relations during recovery/, 'an unlogged table is refused there as ever');
$standby->stop;

# Writes that a crash interrupts.
my $writer = $node->background_psql('postgres', on_error_stop => 0);
$writer->query_safe(q{INSERT INTO documents SELECT id, document(id) FROM (SELECT nextval('ids') AS id FROM generate_series(1, 2000)) n;});
$writer->query_safe(q{BEGIN; INSERT INTO documents SELECT id, document(id) FROM (SELECT nextval('ids') AS id FROM generate_series(1, 2000)) n;});
$node->stop('immediate');
$node->start;
eval { $writer->quit };
same_answers($node, 'after a crash');
$node->safe_psql('postgres', 'VACUUM documents');
same_answers($node, 'and after VACUUM');
$node->stop;

done_testing();
