/**
 * A thin pool in user space: volumes that can be read and written, on the metadata of {@link io.pdata.thin} and a device
 * for the data. What a volume does is what the kernel's targets do: format document "thin", sections 3 and 6 to 10.
 */
package io.pdata.thin.pool;
