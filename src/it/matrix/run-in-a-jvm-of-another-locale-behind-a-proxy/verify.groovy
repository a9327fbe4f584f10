import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    String log = log(basedir)
    contains(log, 'Pipeline #42 on branch main of acme/shop is SUCCESSFUL', 'BUILD SUCCESS')
    // Maven's own lines may have the locale's digits.
    assert !log.readLines().any { it.contains('#') && it =~ /[\u06F0-\u06F9\u0660-\u0669]/ }
    new File(basedir, 'target/bitbucket-pipelines').eachFileRecurse {
        assert it.directory || !(it.getText('UTF-8') =~ /[\u06F0-\u06F9\u0660-\u0669]/)
    }
    // Every request of the plugin came through the proxy: nothing else knows the host.
    assert context.get('proxy').requests().any { it.startsWith('CONNECT bitbucket.test:' + context.get('tls').port()) }
    context.get('tls').close()
    context.get('proxy').close()
}
