/*
 * options_cache.h: the compiled options of the connections that were used last.
 */
#ifndef UD_PROFILE_OPTIONS_CACHE_H
#define UD_PROFILE_OPTIONS_CACHE_H

#include "profile/connection_options.h"

/*
 * ud_options_cache_get returns what ud_connection_options_compile makes of the options, from this
 * backend's cache if it was asked the same before.
 *
 * The result is valid until the next call of this function, as long as options are, and no longer
 * than the current memory context.
 *
 * Errors: those of ud_connection_options_compile.
 */
extern UdCompiledOptions ud_options_cache_get(const UdStrategy *preset,
											  const UdProfileOptions *options);

#endif
