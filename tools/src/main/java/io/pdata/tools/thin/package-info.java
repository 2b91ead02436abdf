/** Check and dump of thin pool metadata. */
package io.pdata.tools.thin;
