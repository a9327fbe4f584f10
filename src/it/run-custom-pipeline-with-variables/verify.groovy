import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.contains
import static io.github.bitbucketpipelines.maven.testing.InvokerBitbucket.log
import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket

try (InvokerBitbucket bitbucket = InvokerBitbucket.of(context)) {
    bitbucket.created(1)
    def run = bitbucket.shop().lastRun()
    assert run.variable('QUOTES').get() == 'a "quoted" & \'quoted\' value = 1'
    assert run.variable('LINES').get() == 'one\ntwo'
    assert run.variable('EMOJI').get() == '🚀'
    assert run.variable('EMPTY').get() == ''
    assert run.variable('FROM_FILE').get() == 'file'
    assert run.variable('FROM_COMMAND_LINE').get() == 'won'
    def body = new groovy.json.JsonSlurper().parseText(bitbucket.triggers()[0])
    assert body.target.selector == [type: 'custom', pattern: 'deploy-to-production']
    assert body.variables.find { it.key == 'PASSWORD' } == [key: 'PASSWORD', value: 'a-secret-value', secured: true]
    String log = log(basedir)
    assert !log.contains('a-secret-value')
    contains(log, 'Triggered pipeline #42 deploy-to-production on branch main of acme/shop')
}
