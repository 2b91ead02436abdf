/** This project's tools beside those of thin-provisioning-tools, on the same metadata. */
package io.pdata.interop.tools;
