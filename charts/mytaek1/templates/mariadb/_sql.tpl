{{/* What the embedded server does at every start; another text is another start (statefulset.yaml). */}}
{{- define "mytaek1.mariadbSql" -}}
DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost');
FLUSH PRIVILEGES;
CREATE DATABASE IF NOT EXISTS commerce;
CREATE DATABASE IF NOT EXISTS payment;
CREATE DATABASE IF NOT EXISTS simulator;
CREATE USER IF NOT EXISTS commerce@'%';
CREATE USER IF NOT EXISTS payment@'%';
ALTER USER commerce@'%' IDENTIFIED BY '$COMMERCE_PASSWORD';
ALTER USER payment@'%' IDENTIFIED BY '$PAYMENT_PASSWORD';
ALTER USER root@localhost IDENTIFIED BY '$ROOT_PASSWORD';
GRANT ALL ON commerce.* TO commerce@'%';
GRANT ALL ON payment.* TO payment@'%';
GRANT ALL ON simulator.* TO payment@'%';
{{- end -}}
