package io.pdata.thin.pool;

/** A pool that still does everything will soon run out of something. */
public enum PoolWarning {
    /** Few data blocks are free. */
    LOW_ON_DATA,
    /** Few metadata blocks are free, not counting the reserve. */
    LOW_ON_METADATA,
    /** The file system of the data file has little room left. */
    LOW_ON_STORAGE
}
