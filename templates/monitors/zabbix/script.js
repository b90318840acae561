var params = JSON.parse(value), request = new HttpRequest();
request.addHeader('Content-Type: application/json');
request.addHeader('Authorization: Bearer ' + params.secret);
var address = params.address;
delete params.secret;
delete params.address;
try { params.tags = JSON.parse(params.tags); } catch (error) { params.tags = []; }
var response = request.post(address, JSON.stringify(params));
if (request.getStatus() !== 200) { throw 'The desk answered ' + request.getStatus() + ': ' + response; }
return 'OK';
