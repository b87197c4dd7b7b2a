# SqlText: SQL as tokens and statements, near enough to PostgreSQL's scanner for checks of our own files.
#
# A token is a hash: type, text, line. The types:
#   word    an identifier or keyword, in lower case     name    a quoted identifier, without quotes
#   string  a constant '...', its content               body    a constant $tag$...$tag$, its content
#   number  op (an operator)  mark (one of ( ) [ ] , ; . : or :: := => ..)
# Comments and lines of psql's commands are left out.
package SqlText;
use strict;
use warnings;
use Exporter qw(import);

our @EXPORT_OK = qw(tokens statements closing flat_text);

# tokens returns the tokens of a text whose first line has the given number.
sub tokens {
	my ($text, $line) = @_;
	my @tokens;
	my $add = sub { push @tokens, { type => $_[0], text => $_[1], line => $line } };

	pos($text) = 0;
	while (pos $text < length $text) {
		my $start = pos $text;
		if    ($text =~ /\G\s+/gc || $text =~ /\G--[^\n]*/gc || $text =~ /\G^\\[^\n]*/gcm) { }
		elsif ($text =~ m{\G/\*}gc)                            { skip_comment(\$text) }
		elsif ($text =~ /\G(\$(?:[A-Za-z_]\w*)?\$)(.*?)\g1/gcs) { $add->('body', $2) }
		elsif ($text =~ /\G[eE]'((?:[^'\\]|''|\\.)*)'/gcs)     { $add->('string', $1) }
		elsif ($text =~ /\G[uU]&(?=['"])/gc)                   { $add->('word', 'u&') }
		elsif ($text =~ /\G'((?:[^']|'')*)'/gcs)               { $add->('string', $1 =~ s/''/'/gr) }
		elsif ($text =~ /\G"((?:[^"]|"")*)"/gcs)               { $add->('name', $1 =~ s/""/"/gr) }
		elsif ($text =~ /\G([A-Za-z_\x80-\xff][\w\$\x80-\xff]*)/gc) { $add->('word', lc $1) }
		elsif ($text =~ /\G(\d[\w.]*|\.\d\w*)/gc)              { $add->('number', $1) }
		elsif ($text =~ /\G(::|:=|=>|\.\.|[()\[\],;.:\$\\])/gc)  { $add->('mark', $1) }
		elsif ($text =~ m{\G((?:(?!--|/\*)[-+*/<>=~!@#%^&|`?])+)}gc) { $add->('op', $1) }
		else { die "line $line: cannot read: " . substr($text, $start, 20) . "\n" }
		$line += substr($text, $start, pos($text) - $start) =~ tr/\n//;
	}
	return @tokens;
}

# skip_comment moves behind the end of a comment, in which others may nest.
sub skip_comment {
	my ($text) = @_;
	my $depth = 1;
	while ($depth > 0 && $$text =~ m{\G.*?(/\*|\*/)}gcs) {
		$depth += $1 eq '/*' ? 1 : -1;
	}
	pos($$text) = length $$text if $depth > 0;
	return;
}

# statements returns a list of references to the tokens of each statement, without semicolons.
sub statements {
	my ($text, $line) = @_;
	my @statements = ([]);
	for my $token (tokens($text, $line)) {
		if ($token->{type} eq 'mark' && $token->{text} eq ';') {
			push @statements, [];
		}
		else {
			push @{ $statements[-1] }, $token;
		}
	}
	return grep { @$_ } @statements;
}

# closing returns the index of the token that closes the parenthesis at the given index.
sub closing {
	my ($tokens, $open) = @_;
	my $depth = 0;
	for my $i ($open .. $#$tokens) {
		next unless $tokens->[$i]{type} eq 'mark';
		$depth++ if $tokens->[$i]{text} =~ /^[(\[]$/;
		$depth-- if $tokens->[$i]{text} =~ /^[)\]]$/;
		return $i if $depth == 0;
	}
	return $#$tokens;
}

# flat_text returns tokens as one line; the content of constants is part of it, that of bodies
# without their comments.
sub flat_text {
	return join ' ', map { $_->{type} eq 'body' ? flat_text(tokens($_->{text}, $_->{line})) : $_->{text} } @_;
}

1;
