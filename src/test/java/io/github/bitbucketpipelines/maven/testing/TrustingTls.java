package io.github.bitbucketpipelines.maven.testing;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** What another plugin of the build may set as the default: TLS without any check. */
public final class TrustingTls {
    /** Does so in this JVM: as a task of an Ant script, which another plugin runs in that of Maven. */
    public void execute() throws GeneralSecurityException {
        SSLContext.setDefault(context());
        HttpsURLConnection.setDefaultSSLSocketFactory(context().getSocketFactory());
        System.out.println("This JVM trusts every certificate now.");
    }

    /** Returns a context that trusts every certificate. */
    public static SSLContext context() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {}

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }
}
