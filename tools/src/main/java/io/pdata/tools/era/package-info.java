/** Check and dump of era metadata. */
package io.pdata.tools.era;
