# The main job in English; see main-hi.story.
story eSanjeevani: from registration to the e-prescription
phone 98########
service esanjeevani
desk register-others 5

> REG
< *name*
> Sita Devi
< *old*
> 62
< *1*Female*2*Male*
> 1
< *state*district*
> Bihar, Gaya
< *agree*1*2*
> yes
< *oken {token}*{#position}*free*

> STATUS
< *{#position}*minutes*

desk call-next until 3 ahead
< *oken {token}*before you*3*
desk call-next until {token}
< *oken {token}*your turn*CALL*

> CALL
< *doctor*call*
desk used {token_id} prescription
< *e-prescription {ref}*
