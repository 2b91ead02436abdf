/** Check and dump of thin, cache and era metadata. */
package io.pdata.tools;
