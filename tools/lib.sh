# shellcheck shell=bash
# Shared by the scripts beside it: where things are, and who runs the server.
#
# Servers refuse to run as root, so when root calls, they run as $USERDIR_SERVER_USER (postgres).

PATH=$PATH:/usr/sbin:/sbin
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PG_CONFIG=${PG_CONFIG:-pg_config}
server_user=$(id -un)
[ "$(id -u)" != 0 ] || server_user=${USERDIR_SERVER_USER:-postgres}

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# as_server runs a command as the user that runs servers, in a directory that this user can enter.
as_server() {
	if [ "$(id -u)" = 0 ]; then
		(cd / && runuser -u "$server_user" -- "$@")
	else
		"$@"
	fi
}

# work_dir NAME prints a directory of that name for servers and results: in the checkout, where git
# ignores it, or below /tmp where the server's user cannot reach the checkout or where the path would
# be too long for a Unix socket.
work_dir() {
	local dir=$root/.$1
	mkdir -p "$dir"
	if ! as_server test -x "$dir" || [ ${#dir} -gt 70 ]; then
		dir=/tmp/userdir-$(id -u)-$(printf %s "$root" | cksum | cut -d' ' -f1)-$1
		[ -d "$dir" ] || mkdir -m 755 "$dir"
		# A server started by root has taken it over.
		case $(stat -c %U "$dir") in
			"$(id -un)" | "$server_user") ;;
			*) die "$dir belongs to somebody else" ;;
		esac
	fi
	echo "$dir"
}

# private_tree DIR [PG_CONFIG] prints the pg_config of a private copy of the server's files below DIR.
#
# PostgreSQL finds its libraries and share files relative to its binaries, so a copy that keeps the
# layout is a server of its own: tests can install the extension there and leave the system alone.
private_tree() {
	local bindir tree=$1/tree config=${2:-$PG_CONFIG} path
	bindir=$("$config" --bindir) || return 1
	# Whoever works with the copy has it in PG_CONFIG.
	case $bindir in "$tree"/*)
		echo "$config"
		return
		;;
	esac
	if ! cmp -s "$bindir/postgres" "$tree$bindir/postgres"; then
		rm -rf "$tree"
		for path in "$(dirname "$bindir")" "$("$config" --sharedir)" "$("$config" --pkglibdir)" \
			"$("$config" --includedir-server)" "$("$config" --pkgincludedir)"; do
			[ -e "$tree$path" ] && continue
			mkdir -p "$tree$(dirname "$path")" && cp -a "$path" "$tree$path" || return 1
		done
	fi
	# Extensions that were installed since, which some tests need.
	for path in "$("$config" --sharedir)/extension" "$("$config" --pkglibdir)"; do
		cp -an "$path/." "$tree$path/" || return 1
	done
	chmod -R u+w,go+rX "$tree" || return 1
	echo "$tree$bindir/pg_config"
}
