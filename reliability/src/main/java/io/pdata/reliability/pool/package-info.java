/** Power cuts, killed processes and failing I/O under a pool: metadata, data and intent log together. */
package io.pdata.reliability.pool;
