/*
 * hash_slots.h: how many passwords the cluster hashes at the same time.
 *
 * A hash takes many megabytes and one processor; more of them at once than there are processors
 * would only take more memory. So a backend takes a slot for the length of a hash.
 */
#ifndef UD_CRYPTO_HASH_SLOTS_H
#define UD_CRYPTO_HASH_SLOTS_H

/*
 * ud_hash_slots_preload asks for the shared memory in which slots are counted when the library is
 * in shared_preload_libraries. To be called by _PG_init then. Without it locks are the slots.
 */
extern void ud_hash_slots_preload(void);

/*
 * ud_hash_slots_take waits for a slot. It can be interrupted. The caller must not raise before it
 * gives the slot back; if it does all the same, the end of the transaction or of the backend does.
 *
 * Errors: UD201 after userdir.password_queue_timeout.
 */
extern void ud_hash_slots_take(void);

/* ud_hash_slots_give gives the slot back. */
extern void ud_hash_slots_give(void);

#endif
