import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    assert bitbucket.triggers() == ['{"target":{"type":"pipeline_ref_target","ref_type":"branch","ref_name":"main"}}']
    String log = log(basedir)
    contains(log,
            '[INFO] Triggered pipeline #42 on branch main of acme/shop',
            '[INFO] Waiting for pipeline #42 on branch main of acme/shop (receipt ',
            '[INFO] Pipeline #42 on branch main of acme/shop is SUCCESSFUL')
    assert log =~ /\(receipt .*app.target.bitbucket-pipelines.start\.json\)/
    assert log.indexOf('Triggered pipeline') < log.indexOf('Waiting for pipeline')
    def otherDigit = /[\p{Nd}&&[^0-9]]/
    assert log.readLines().findAll { it.contains('#42') }.every { !(it =~ otherDigit) }
    assert !(new File(basedir, 'acceptance/target/bitbucket-pipelines/await.html').getText('UTF-8') =~ otherDigit)
    def json = new groovy.json.JsonSlurper()
    // Both have the end: no build waits for the run again.
    ['app/target/bitbucket-pipelines/start.json', 'acceptance/target/bitbucket-pipelines/await.json'].each {
        def receipt = json.parse(new File(basedir, it))
        assert receipt.number == 42
        assert receipt.result == 'SUCCESSFUL'
    }
}
return
