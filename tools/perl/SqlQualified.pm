# SqlQualified: whether the body of a function in SQL means the same under every search_path.
#
# A function with a SET clause is never inlined. One without may be, but then each name and operator
# in it must say its schema: a caller's path may name a schema before pg_catalog. Constructs whose
# operator the parser looks up by the path (IN, BETWEEN, CASE x WHEN ...) are not allowed at all.
package SqlQualified;
use strict;
use warnings;
use Exporter qw(import);
use SqlText qw(tokens closing);

our @EXPORT_OK = qw(find_unqualified);

my %words = map { my ($set, $list) = @$_; map { $_ => $set } split ' ', $list } (
	# Words of the grammar that a parenthesis may follow, or a constant, without a call or a type.
	['keyword', 'all and any array as asc both by case cast coalesce collate cross cube current_time
		current_timestamp desc distinct else end escape except exists extract false fetch filter first
		following for from full greatest group grouping having in inner intersect is join last lateral
		leading least left limit localtime localtimestamp materialized normalize not null nulls offset on only
		operator or order ordinality outer over partition position preceding range recursive right rollup
		row rows select sets similar some symmetric then trailing treat trim true unbounded union unknown using
		values variadic when where window with within without zone'],
	# Types that are part of the grammar and always mean those of pg_catalog.
	['type', 'bigint bit boolean char character dec decimal double float int integer interval national
		nchar numeric real smallint time timestamp varchar'],
	# Operators by another name, which the parser looks up by the path.
	['operator', 'between ilike like natural nullif overlay similar substring using'],
);

# find_unqualified returns [line, message] for everything in a body that depends on the search path.
sub find_unqualified {
	my ($body, $line) = @_;
	my @tokens = tokens($body, $line);
	my @found;
	my $report = sub { push @found, [$_[0]{line}, $_[1]] };

	return [$line, 'a body that is not one SELECT']
	  unless is(\@tokens, 0, 'select', 'with') && !grep { $_->{type} eq 'mark' && $_->{text} eq ';' } @tokens;
	my %defined = defined_names(\@tokens);
	my @open;    # what stands before each open parenthesis, and whether a FROM list is at this level
	my $level = { before => '', from => 0 };
	for (my $i = 0; $i < @tokens; $i++) {
		my ($type, $text) = @{ $tokens[$i] }{qw(type text)};
		my $kind = $type eq 'word' ? $words{$text} // '' : '';

		if ($text eq 'operator' && is(\@tokens, $i + 1, '(')) {
			my $end = closing(\@tokens, $i + 1);
			$report->($tokens[$i], 'OPERATOR() without a schema of ours') unless has_schema(\@tokens, $end - 1);
			$i = $end;
			next;
		}
		$report->($tokens[$i], "operator $text without OPERATOR(pg_catalog.$text)") if is_operator(\@tokens, $i);
		$report->($tokens[$i], uc($text) . ' looks up its operator or function by the search path')
		  if $kind eq 'operator' && !has_schema(\@tokens, $i) || is_lookup(\@tokens, $i, $level->{before});
		$report->($tokens[$i], "function $text() without a schema") if is_call(\@tokens, $i);
		$report->($tokens[$i], "type $text without a schema") if is_type(\@tokens, $i, $level->{before}, $kind);
		$report->($tokens[$i], 'COLLATE without a schema')
		  if $text eq 'collate' && !is(\@tokens, $i + 2, '.');

		if ($text eq '(' && $type eq 'mark') {
			push @open, $level;
			$level = { before => $i > 0 ? $tokens[$i - 1]{text} : '', from => 0 };
		}
		elsif ($text eq ')' && $type eq 'mark') {
			$level = pop @open || { before => '', from => 0 };
		}
		elsif ($type eq 'word' && $text =~ /^(?:where|group|having|order|limit|offset|union|except|intersect|window|for|fetch|select)$/) {
			$level->{from} = 0;
		}
		my $starts_list = $type eq 'word' && $text eq 'from'
		  && $level->{before} !~ /^(?:extract|trim|overlay|substring)$/ && !is(\@tokens, $i - 1, 'distinct');
		$level->{from} = 1 if $starts_list;
		if ($starts_list || $type eq 'word' && $text eq 'join' || $level->{from} && $type eq 'mark' && $text eq ',') {
			my $table = skip_words(\@tokens, $i + 1, 'lateral', 'only');
			$report->($tokens[$table], "relation $tokens[$table]{text} without a schema")
			  if $table < @tokens && is_unqualified_relation(\@tokens, $table, \%defined);
		}
	}
	return @found;
}

# is returns whether the token at an index is one of some words or marks.
sub is {
	my ($tokens, $i, @texts) = @_;
	return '' if $i < 0 || $i > $#$tokens || $tokens->[$i]{type} =~ /^(?:string|body|name)$/;
	return scalar grep { $tokens->[$i]{text} eq $_ } @texts;
}

# has_schema returns whether the token at an index follows "pg_catalog." or "userdir.".
sub has_schema {
	my ($tokens, $i) = @_;
	return is($tokens, $i - 1, '.') && is($tokens, $i - 2, 'pg_catalog', 'userdir');
}

sub skip_words {
	my ($tokens, $i, @words) = @_;
	$i++ while is($tokens, $i, @words);
	return $i;
}

# defined_names returns the names of WITH queries.
sub defined_names {
	my ($tokens) = @_;
	my %names;
	for my $i (1 .. $#$tokens) {
		next unless is($tokens, $i - 1, 'with', 'recursive', ',') && $tokens->[$i]{type} =~ /^(?:word|name)$/;
		my $next = is($tokens, $i + 1, '(') ? closing($tokens, $i + 1) + 1 : $i + 1;
		$names{ $tokens->[$i]{text} } = 1
		  if is($tokens, $next, 'as') && is($tokens, skip_words($tokens, $next + 1, 'not', 'materialized'), '(');
	}
	return %names;
}

# is_operator tells operators from the star of "count(*)" or "t.*" and from the sign of a number.
sub is_operator {
	my ($tokens, $i) = @_;
	return 0 if $tokens->[$i]{type} ne 'op' || has_schema($tokens, $i);
	my $text = $tokens->[$i]{text};
	return 0 if $text eq '*' && is($tokens, $i - 1, '(', ',', '.', 'select', 'distinct', 'all');
	return 0 if $text eq '-' && $i < $#$tokens && $tokens->[$i + 1]{type} eq 'number' && !ends_operand($tokens, $i - 1);
	return 1;
}

sub ends_operand {
	my ($tokens, $i) = @_;
	return 0 if $i < 0 || $tokens->[$i]{type} eq 'op';
	return 1 if $tokens->[$i]{type} ne 'word' && $tokens->[$i]{type} ne 'mark';
	return is($tokens, $i, ')', ']') ? 1 : 0 if $tokens->[$i]{type} eq 'mark';
	return !$words{ $tokens->[$i]{text} } || is($tokens, $i, 'end', 'null', 'true', 'false') ? 1 : 0;
}

# is_lookup finds IN, IS DISTINCT FROM and CASE with an operand.
sub is_lookup {
	my ($tokens, $i, $before) = @_;
	return 1 if is($tokens, $i, 'in') && $before ne 'position';
	return 1 if is($tokens, $i, 'distinct') && is($tokens, $i + 1, 'from');
	return is($tokens, $i, 'case') && !is($tokens, $i + 1, 'when');
}

# is_call finds functions without a schema; an alias may have a list of columns behind it, too.
sub is_call {
	my ($tokens, $i) = @_;
	my ($type, $text) = @{ $tokens->[$i] }{qw(type text)};
	return 0 unless ($type eq 'word' || $type eq 'name') && is($tokens, $i + 1, '(');
	return 0 if $type eq 'word' && $words{$text};
	return !has_schema($tokens, $i) if is($tokens, $i - 1, '.');
	return 0 if is($tokens, $i - 1, 'as', ')', 'with', 'recursive');
	return 0 if $i > 0 && $tokens->[$i - 1]{type} eq 'name';
	return 0 if $i > 0 && $tokens->[$i - 1]{type} eq 'word' && !$words{ $tokens->[$i - 1]{text} };
	return 1;
}

# is_type finds types without a schema: behind "::", in CAST(... AS type), before a constant.
sub is_type {
	my ($tokens, $i, $before, $kind) = @_;
	my $type = $tokens->[$i]{type};
	return 0 if $type ne 'word' && $type ne 'name' || $kind eq 'type';
	if (is($tokens, $i - 1, '::') || $before eq 'cast' && is($tokens, $i - 1, 'as')) {
		return !(is($tokens, $i + 1, '.') && is($tokens, $i, 'pg_catalog', 'userdir'));
	}
	return 0 if $kind || $i == $#$tokens || $tokens->[$i + 1]{type} !~ /^(?:string|body)$/;
	return !has_schema($tokens, $i);
}

sub is_unqualified_relation {
	my ($tokens, $i, $defined) = @_;
	return 0 if $tokens->[$i]{type} !~ /^(?:word|name)$/ || is($tokens, $i + 1, '(') || $words{ $tokens->[$i]{text} };
	return !is($tokens, $i, 'pg_catalog', 'userdir') if is($tokens, $i + 1, '.');
	return !$defined->{ $tokens->[$i]{text} };
}

1;
