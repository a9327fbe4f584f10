import io.github.bitbucketpipelines.maven.testing.InvokerBitbucket
import io.github.bitbucketpipelines.maven.rehearsal.RunScript

InvokerBitbucket.start(context).next(RunScript.successful())
InvokerBitbucket.writeSettings(basedir, localRepository, '''
    <server>
      <id>encrypted</id>
      <username>build@example.com</username>
      <password>{6mTrKJ3ElysHxgl4zGjiyVRGmb1T2weAbHYsDHQz7Q7UFRMX98ufPsjqXT/y4PgPDGUD5huD1wbpiHYeY57ttg==}</password>
    </server>''', '')
return
