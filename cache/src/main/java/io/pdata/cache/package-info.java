/** The metadata of dm-cache. */
package io.pdata.cache;
