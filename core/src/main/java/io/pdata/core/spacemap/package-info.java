/**
 * The two space maps that live on disk: of the metadata, which holds itself, and of data blocks.
 *
 * <p>They stand above the B+tree because their overflow counts, and the disk map's index, are B+trees; the transaction
 * manager below knows only {@link io.pdata.core.space.SpaceMap}.
 *
 * <p>Source: format document "persistent-data", sections 4 and 5.
 */
package io.pdata.core.spacemap;
