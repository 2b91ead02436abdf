/** The pack file of thin-provisioning-tools: the metadata blocks of a device, compressed. */
package io.pdata.tools.pack;
