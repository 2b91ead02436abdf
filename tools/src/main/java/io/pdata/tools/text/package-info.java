/** Writing dumps: plain text, and the XML of thin-provisioning-tools. */
package io.pdata.tools.text;
