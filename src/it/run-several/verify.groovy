import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(4)
    def last = { bitbucket.embedded().repository('acme', it).lastRun() }
    assert last('web').variable('API_URL').get() == 'https://api.acme.example'
    assert !last('web').createdOn().isBefore(last('api').endsOn().get())
    assert last('shop').variable('URL').get() == 'https://api.acme.example'
    assert last('shop').variable('WEB').get() == 'SUCCESSFUL'
    contains(log(basedir),
            '[INFO] api #1 Triggered pipeline #1 on branch main of acme/api',
            '[INFO] api #1 Output URL = https://api.acme.example',
            '[INFO] All 3 runs are SUCCESSFUL')
    def plan = new groovy.json.JsonSlurper().parse(new File(basedir, 'target/bitbucket-pipelines/release.json'))
    assert plan.runs*.id == ['api', 'docs', 'web']
    assert plan.verdict == 'PASS'
    assert new File(basedir, 'target/bitbucket-pipelines/release.web.json').exists()
}
return
