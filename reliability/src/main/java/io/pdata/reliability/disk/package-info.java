/** A disk that does to data what disks do, and tells afterwards what a power cut at any moment could have left of it. */
package io.pdata.reliability.disk;
