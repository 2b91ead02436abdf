/** Check and dump of cache metadata. */
package io.pdata.tools.cache;
